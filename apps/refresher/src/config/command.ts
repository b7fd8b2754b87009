import { SettingsError } from '@ecr-anywhere/settings';
import { NAMESPACE } from './setting-types.ts';

/** What the program is to do. */
export type Command =
  | { readonly kind: 'refresh' }
  /**
   * Write a Secret into this namespace, and print whether the webhook filled it. `configuration` is the
   * MutatingWebhookConfiguration of this installation, to compare with those of others.
   */
  | { readonly kind: 'check'; readonly namespace: string; readonly configuration: string | undefined }
  /** Look for managed Secrets with other names than those in the settings. */
  | { readonly kind: 'check-names' }
  /** Delete these Secrets. The chart needs it when it is uninstalled. */
  | { readonly kind: 'delete-secrets'; readonly secrets: readonly SecretName[] };

/** Where a Secret is. */
export interface SecretName {
  readonly namespace: string;
  readonly name: string;
}

/** What a Secret or a MutatingWebhookConfiguration may be called. */
const OBJECT = /^(?=.{1,253}$)[a-z0-9](?:[a-z0-9-]*[a-z0-9])?(?:\.[a-z0-9](?:[a-z0-9-]*[a-z0-9])?)*$/;

/** @throws SettingsError */
export function parseCommand([command, ...words]: readonly string[]): Command {
  switch (command) {
    case undefined:
      return { kind: 'refresh' };
    case 'check':
      return { kind: 'check', ...parseCheck(words) };
    case 'check-names':
      if (words.length > 0) throw new SettingsError(['check-names: expected no arguments']);
      return { kind: 'check-names' };
    case 'delete-secrets':
      if (words.length === 0) throw new SettingsError(['delete-secrets: expected NAMESPACE/NAME']);
      return { kind: 'delete-secrets', secrets: words.map(parseSecretName) };
    default:
      throw new SettingsError([`there is no command "${command}"; --help lists the commands`]);
  }
}

function parseCheck([namespace = '', configuration, ...rest]: readonly string[]) {
  const isName = configuration === undefined || OBJECT.test(configuration);
  if (!NAMESPACE.test(namespace) || !isName || rest.length > 0)
    throw new SettingsError([
      'check: expected the name of one namespace, and perhaps that of a MutatingWebhookConfiguration',
    ]);
  return { namespace, configuration };
}

function parseSecretName(word: string): SecretName {
  const [namespace = '', name = '', ...rest] = word.split('/');
  if (!NAMESPACE.test(namespace) || !OBJECT.test(name) || rest.length > 0)
    throw new SettingsError([`delete-secrets: expected NAMESPACE/NAME, not "${word}"`]);
  return { namespace, name };
}
