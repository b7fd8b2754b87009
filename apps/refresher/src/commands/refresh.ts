import type { ApiClient, ServerClock } from '@ecr-anywhere/kubernetes';
import { expectedHash } from '@ecr-anywhere/settings';
import type { Config } from '../config/config.ts';
import { managedSecretsApi } from '../kubernetes/managed-secrets.ts';
import { namespacesApi } from '../kubernetes/namespaces.ts';
import { exitCode, type ExitCode } from '../report/exit-code.ts';
import { lastLine } from '../report/last-line.ts';
import { createReport } from '../report/report.ts';
import { writeTerminationMessage } from '../report/termination-message.ts';
import { refreshDueSecrets } from '../run/refresh-due-secrets.ts';

/** Refreshes the Secrets that are due, and prints what it does. */
export async function refresh(
  config: Config,
  call: ApiClient,
  { now: clock }: ServerClock,
  signal: AbortSignal,
): Promise<ExitCode> {
  const { output, dryRun, namespaces, namespaceLabels, concurrency, pageSize, threshold, profiles, force } =
    config;
  const report = createReport({
    output,
    dryRun,
    write: (line) => console.log(line),
    progress: process.stderr.isTTY && output === 'text' ? printProgress : undefined,
    clock,
  });
  const result = await refreshDueSecrets({
    cluster: { ...namespacesApi(call, pageSize), ...managedSecretsApi(call, pageSize) },
    namespaces,
    namespaceLabels,
    namespacesSetting: config.nameOf('NAMESPACES'),
    concurrency,
    dryRun,
    policy: {
      threshold,
      expectedHash: (metadata) => expectedHash(profiles, { metadata, namespace: metadata.namespace }),
      force,
    },
    clock,
    signal,
    onOutcome: report.outcome,
    onNamespaceFailure: report.namespaceFailure,
  });
  report.end(result);
  writeTerminationMessage(config.terminationMessagePath, lastLine(result));
  return exitCode(result);
}

/** Goes back to the start of the line, and clears it. */
function printProgress(line: string): void {
  process.stderr.write(`\r\u001b[K${line}`);
}
