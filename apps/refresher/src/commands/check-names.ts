import { LABELS } from '@ecr-anywhere/secret-scan';
import type { OutputFormat } from '../config/config.ts';
import { EarlyEnd } from '../run/early-end.ts';
import { secretsToCheck, type SecretsToCheckOptions } from '../run/secrets-to-check.ts';

/** Where to look, and which names are allowed. */
export interface CheckNamesOptions extends Omit<SecretsToCheckOptions, 'onNamespaceFailure'> {
  /** The names that managed Secrets may have. */
  readonly secretNames: readonly string[];
  /** What the user calls the setting `secretNames`, for messages. */
  readonly secretNamesSetting: string;
}

/** Whether all managed Secrets have one of the names, and a sentence about it. */
export interface CheckNamesResult {
  /** Undefined if not all Secrets could be listed, and none of the others has another name. */
  readonly isPassed: boolean | undefined;
  readonly message: string;
  /** The first Secrets with other names, as `NAMESPACE/NAME`. */
  readonly others: readonly string[];
}

/** So that the sentence stays readable, and fits into a termination message. */
const MOST_NAMED = 10;

/** The result for people or for programs. */
export function checkNamesText(
  { message, isPassed, others }: CheckNamesResult,
  output: OutputFormat,
): string {
  if (output === 'text') return message;
  const result = isPassed ? 'passed' : 'failed';
  return JSON.stringify({ result, message, secrets: others });
}

/**
 * Looks for managed Secrets whose name is not one of the allowed ones. The webhook would refuse them, and the refresher could
 * not see them: their credentials would end, and nobody would be told.
 *
 * @throws {@link KubernetesError} if the Secrets cannot be listed
 */
export async function checkNames(options: CheckNamesOptions): Promise<CheckNamesResult> {
  const { secretNames, secretNamesSetting, signal } = options;
  if (secretNames.length === 0)
    return { isPassed: undefined, message: `${secretNamesSetting} contains no names`, others: [] };
  const failures: string[] = [];
  const onNamespaceFailure = (namespace: string, message: string) =>
    void failures.push(`namespace ${namespace}: ${message}`);
  const others: string[] = [];
  let count = 0;
  const secrets = secretsToCheck({ ...options, onNamespaceFailure }, new EarlyEnd(signal), () => undefined);
  for await (const { metadata, isEnabled } of secrets) {
    if (!isEnabled || metadata.deletionTimestamp || secretNames.includes(metadata.name)) continue;
    count += 1;
    if (others.length < MOST_NAMED) others.push(`${metadata.namespace}/${metadata.name}`);
  }
  if (count > 0) return { isPassed: false, message: otherNames(others, count, secretNames), others };
  if (signal.aborted) failures.push(`stopped early (${String(signal.reason)})`);
  const [failure] = failures;
  return failure === undefined
    ? {
        isPassed: true,
        message: `every managed Secret has one of the names ${secretNames.join(', ')}`,
        others,
      }
    : { isPassed: undefined, message: `not all Secrets could be listed: ${failure}`, others };
}

function otherNames(others: readonly string[], count: number, secretNames: readonly string[]): string {
  const more = count > others.length ? `, and ${count - others.length} more` : '';
  return (
    `managed Secrets have other names than ${secretNames.join(', ')}: ${others.join(', ')}${more}; nobody would refresh ` +
    `them: add their names to rbac.secretNames, or create them again under one of these names, or take the label ` +
    `${LABELS.managed} off them`
  );
}

/** For programs: 0 all names are allowed, 1 some are not, 2 not all Secrets could be listed. */
export function checkNamesCode({ isPassed }: CheckNamesResult): 0 | 1 | 2 {
  if (isPassed === undefined) return 2;
  return isPassed ? 0 : 1;
}
