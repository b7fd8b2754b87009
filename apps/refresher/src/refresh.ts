import type { ApiAnswer, ApiCall, ServerClock } from '@ecr-anywhere/kubernetes';
import { expectedHash } from '@ecr-anywhere/settings';
import type { Config } from './config.ts';
import { kubernetesApi } from './kubernetes-api.ts';
import { exitCode, lastLine, report, type ExitCode } from './report.ts';
import { run } from './run.ts';
import { leaveMessage } from './termination-message.ts';

/** One run over all managed Secrets, told as it goes. Gives the exit code. */
export async function refresh(
  config: Config,
  call: (call: ApiCall) => Promise<ApiAnswer>,
  { now: clock }: ServerClock,
  signal: AbortSignal,
): Promise<ExitCode> {
  const told = report({
    output: config.output,
    dryRun: config.dryRun,
    write: (line) => console.log(line),
    progress: process.stderr.isTTY && config.output === 'text' ? progressLine : undefined,
    clock,
  });
  const result = await run({
    kubernetes: kubernetesApi(call, config.pageSize),
    namespaces: config.namespaces,
    concurrency: config.concurrency,
    dryRun: config.dryRun,
    policy: {
      threshold: config.threshold,
      expectedHash: (metadata) => expectedHash(config.profiles, { metadata, namespace: metadata.namespace }),
      force: config.force,
    },
    clock,
    signal,
    onOutcome: told.outcome,
    onNamespaceFailure: told.namespaceFailure,
  });
  told.end(result);
  leaveMessage(config.terminationMessagePath, lastLine(result));
  return exitCode(result);
}

function progressLine(line: string): void {
  process.stderr.write(`\r\u001b[K${line}`);
}
