import { KubernetesError, type ApiClient, type ServerClock } from '@ecr-anywhere/kubernetes';
import { writeRunReport, type RunReport } from '@ecr-anywhere/run-report';
import type { ObjectMeta } from '@ecr-anywhere/secret-scan';
import { chooseProfiles, expectedHash, type Milliseconds } from '@ecr-anywhere/settings';
import type { Config } from '../config/config.ts';
import { managedSecretsApi } from '../kubernetes/managed-secrets.ts';
import { namespacesApi } from '../kubernetes/namespaces.ts';
import { writeReport } from '../kubernetes/report-config-map.ts';
import { exitCode, type ExitCode } from '../report/exit-code.ts';
import { lastLine } from '../report/last-line.ts';
import { createReport } from '../report/report.ts';
import { RunReportDraft } from '../report/run-report.ts';
import { writeTerminationMessage } from '../report/termination-message.ts';
import { refreshDueSecrets, type RunResult } from '../run/refresh-due-secrets.ts';

/**
 * A changed file of profiles reaches pods minutes apart: the kubelet looks for it about once a minute. The pauses take three
 * minutes together.
 */
const PAUSES: readonly Milliseconds[] = [5_000, ...Array.from({ length: 17 }, () => 10_000), 5_000];

/** Refreshes the Secrets that are due, and prints what it does. */
export async function refresh(
  config: Config,
  call: ApiClient,
  { now: clock }: ServerClock,
  signal: AbortSignal,
): Promise<ExitCode> {
  const {
    output,
    dryRun,
    namespaces,
    secretNames,
    namespaceLabels,
    concurrency,
    pageSize,
    threshold,
    profiles,
    force,
  } = config;
  const report = createReport({
    output,
    dryRun,
    write: (line) => console.log(line),
    progress: process.stderr.isTTY && output === 'text' ? printProgress : undefined,
    clock,
  });
  const requestFor = (metadata: ObjectMeta) => ({ metadata, namespace: metadata.namespace });
  const draft = new RunReportDraft();
  const publish = (runReport: RunReport) => publishReport(config, call, runReport);
  const ended = await refreshDueSecrets({
    cluster: { ...namespacesApi(call, pageSize), ...managedSecretsApi(call, pageSize, secretNames) },
    namespaces,
    namespaceLabels,
    namespacesSetting: config.nameOf('NAMESPACES'),
    concurrency,
    dryRun,
    policy: {
      threshold,
      expectedHash: (metadata) => expectedHash(profiles.current, requestFor(metadata)),
      force,
    },
    profiles: {
      nameOf(metadata) {
        const choice = chooseProfiles(profiles.current, requestFor(metadata));
        return choice.kind === 'chosen' ? choice.profiles.map(({ name }) => name).join() : undefined;
      },
      readAgain: profiles.readAgain,
    },
    pauses: PAUSES,
    clock,
    signal,
    onOutcome(outcome) {
      report.outcome(outcome);
      draft.addOutcome(outcome);
    },
    onWebhookCall: (webhookCall) => draft.addCall(webhookCall),
    onNamespaceFailure: report.namespaceFailure,
  }).catch(async (error) => {
    // The API server answers, so the report may still reach it, for example if only the right to list Secrets is missing.
    if (error instanceof KubernetesError && error.failure === 'forbidden') {
      const failure = await publish(draft.finish(undefined, 2, clock()));
      if (failure !== undefined) console.error(failure);
    }
    throw error;
  });
  const result: RunResult = { ...ended, profilesMistake: profiles.mistake };
  const code = exitCode(result);
  const reported = { ...result, reportFailure: await publish(draft.finish(result, code, clock())) };
  report.end(reported);
  writeTerminationMessage(config.terminationMessagePath, lastLine(reported));
  return code;
}

/** Writes the report if the settings say where. @returns why it could not be written */
async function publishReport(
  { reportConfigMap }: Config,
  call: ApiClient,
  report: RunReport,
): Promise<string | undefined> {
  if (reportConfigMap === undefined) return undefined;
  try {
    await writeReport(call, reportConfigMap, writeRunReport(report));
    return undefined;
  } catch (error) {
    const { namespace, name } = reportConfigMap;
    return `the report could not be written into the ConfigMap ${namespace}/${name}: ${(error as Error).message}`;
  }
}

/** Goes back to the start of the line, and clears it. */
function printProgress(line: string): void {
  process.stderr.write(`\r\u001b[K${line}`);
}
