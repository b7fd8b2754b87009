import { parseArgs } from 'node:util';
import type { Milliseconds } from '@ecr-anywhere/secret-scan';
import {
  checkRegistryHosts,
  checkThreshold,
  duration,
  integer,
  list,
  profilesFrom,
  readAll,
  readAws,
  readSettings,
  refreshSettings,
  SettingsError,
  type Profile,
  type Settings,
} from '@ecr-anywhere/settings';
import { z } from 'zod';
import type { AccessNames } from './cluster-access.ts';

/** What the program is to do. */
export type Command =
  | { readonly kind: 'refresh' }
  /** Write a Secret into this namespace, and tell whether it was filled. */
  | { readonly kind: 'check'; readonly namespace: string }
  /** Delete these Secrets, for the end of an installation. */
  | { readonly kind: 'delete-secrets'; readonly secrets: readonly { namespace: string; name: string }[] };

/** Everything that the refresher can be told. The only reader of the environment in this program. */
export interface Config {
  readonly command: Command;
  readonly threshold: Milliseconds;
  readonly profiles: readonly Profile[];
  readonly namespaces: readonly string[];
  readonly concurrency: number;
  readonly pageSize: number;
  readonly deadline: Milliseconds | undefined;
  readonly requestTimeout: Milliseconds;
  readonly dryRun: boolean;
  readonly force: boolean;
  readonly output: 'text' | 'json';
  /** Of the flag; without it, a kubeconfig is looked for where kubectl does, KUBECONFIG first. */
  readonly kubeconfig: string | undefined;
  readonly context: string | undefined;
  readonly accessNames: AccessNames;
  readonly terminationMessagePath: string;
}

const choice = z.enum(['text', 'json'], { error: 'expected text or json' }).default('text');
const flag = z.enum(['true', 'false'], { error: 'expected true or false' }).default('false');

const NAMESPACE = /^[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$/;
const SECRET = /^(?=.{1,253}$)[a-z0-9](?:[a-z0-9-]*[a-z0-9])?(?:\.[a-z0-9](?:[a-z0-9-]*[a-z0-9])?)*$/;

/** Each once; a name that is none would change the path of a request. */
function namespaces() {
  return list().transform((names, context) => {
    if (names.every((name) => NAMESPACE.test(name))) return [...new Set(names)];
    context.addIssue('expected names of namespaces, separated by commas');
    return z.NEVER;
  });
}

export const schema = z.object({
  ...refreshSettings,
  NAMESPACES: namespaces(),
  CONCURRENCY: integer(10, { least: 1, most: 1_000 }),
  PAGE_SIZE: integer(500, { least: 1, most: 10_000 }),
  DEADLINE: duration('0s'),
  REQUEST_TIMEOUT: duration('30s', { least: 1 }),
  OUTPUT: choice,
  DRY_RUN: flag,
  FORCE: flag,
  KUBE_CONTEXT: z.string().optional(),
});

/** Each flag stands for a variable, and wins over it. */
const FLAGS = {
  threshold: 'REFRESH_THRESHOLD',
  namespaces: 'NAMESPACES',
  concurrency: 'CONCURRENCY',
  'page-size': 'PAGE_SIZE',
  deadline: 'DEADLINE',
  'request-timeout': 'REQUEST_TIMEOUT',
  output: 'OUTPUT',
  kubeconfig: 'KUBECONFIG',
  context: 'KUBE_CONTEXT',
} as const;

const TERMINATION_MESSAGE_PATH = '/dev/termination-log';

/** Known even where the other settings are wrong. */
export function terminationMessagePath(env: Settings): string {
  return env['TERMINATION_MESSAGE_PATH'] || TERMINATION_MESSAGE_PATH;
}

/** Known even where the other settings are wrong. */
export function outputOf(args: readonly string[], env: Settings): Config['output'] {
  const { values } = parseArgs({
    args: [...args],
    options: { output: { type: 'string' } },
    allowPositionals: true,
    strict: false,
  });
  return (values.output ?? env['OUTPUT']) === 'json' ? 'json' : 'text';
}

/** @throws SettingsError with every mistake at once. */
export function readConfig(args: readonly string[], env: Settings): Config {
  const { flags, words } = parse(args);
  const aws = readAws(env);
  const [values, awsSettings] = readAll(
    () => readSettings(schema, { ...env, ...flags }, [checkThreshold, checkRegistryHosts(aws.region)]),
    () => aws.settings(),
  );
  return {
    command: commandOf(words),
    threshold: values.REFRESH_THRESHOLD,
    profiles: profilesFrom(awsSettings, values.REGISTRY_HOSTS),
    namespaces: values.NAMESPACES,
    concurrency: values.CONCURRENCY,
    pageSize: values.PAGE_SIZE,
    deadline: values.DEADLINE === 0 ? undefined : values.DEADLINE,
    requestTimeout: values.REQUEST_TIMEOUT,
    dryRun: values.DRY_RUN === 'true',
    force: values.FORCE === 'true',
    output: values.OUTPUT,
    kubeconfig: flags['KUBECONFIG'],
    context: values.KUBE_CONTEXT,
    accessNames: {
      kubeconfig: flags['KUBECONFIG'] ? '--kubeconfig' : 'KUBECONFIG',
      context: flags['KUBE_CONTEXT'] ? '--context' : 'KUBE_CONTEXT',
    },
    terminationMessagePath: terminationMessagePath(env),
  };
}

function commandOf([command, ...words]: readonly string[]): Command {
  switch (command) {
    case undefined:
      return { kind: 'refresh' };
    case 'check':
      return { kind: 'check', namespace: namespaceOf(words) };
    case 'delete-secrets':
      if (words.length === 0) throw new SettingsError(['delete-secrets: expected NAMESPACE/NAME']);
      return { kind: 'delete-secrets', secrets: words.map(secretOf) };
    default:
      throw new SettingsError([`there is no command "${command}"; --help lists them`]);
  }
}

function namespaceOf([namespace = '', ...rest]: readonly string[]): string {
  if (!NAMESPACE.test(namespace) || rest.length > 0)
    throw new SettingsError(['check: expected the name of one namespace']);
  return namespace;
}

function secretOf(word: string): { namespace: string; name: string } {
  const [namespace = '', name = '', ...rest] = word.split('/');
  if (!NAMESPACE.test(namespace) || !SECRET.test(name) || rest.length > 0)
    throw new SettingsError([`delete-secrets: expected NAMESPACE/NAME, not "${word}"`]);
  return { namespace, name };
}

function parse(args: readonly string[]): { flags: Settings; words: readonly string[] } {
  const text = Object.fromEntries(Object.keys(FLAGS).map((name) => [name, { type: 'string' as const }]));
  try {
    const { values, positionals } = parseArgs({
      args: [...args],
      options: { ...text, 'dry-run': { type: 'boolean' }, force: { type: 'boolean' } },
      allowPositionals: true,
    });
    const flags: Record<string, string> = {};
    for (const [name, variable] of Object.entries(FLAGS)) {
      const value: unknown = values[name as keyof typeof values];
      if (typeof value === 'string') flags[variable] = value;
    }
    if (values['dry-run']) flags['DRY_RUN'] = 'true';
    if (values.force) flags['FORCE'] = 'true';
    return { flags, words: positionals };
  } catch (error) {
    // Node's own first sentence names the flag.
    const [sentence = ''] = (error as Error).message.split('. ');
    throw new SettingsError([`${sentence}; --help lists the flags`]);
  }
}
