import { isMissing } from '@ecr-anywhere/kubernetes/files';
import { readRunReport } from '@ecr-anywhere/run-report';
import type { Milliseconds } from '@ecr-anywhere/settings';
import { watchFiles, type FileWatch } from '../files/watch-files.ts';
import type { Logger } from '../operations/log.ts';
import type { RunMetrics } from '../operations/run-metrics.ts';

/** The kubelet brings a changed ConfigMap within a minute or so. */
const INTERVAL: Milliseconds = 5_000;

/**
 * Shows the refresher's report as metrics. Anybody who may write the ConfigMap may have written the file: if it is no
 * report, the last good one stays, and the log and a metric say so. Before the first run there is no file: this is no problem.
 */
export function watchReport(
  file: string,
  log: Pick<Logger, 'error'>,
  metrics: RunMetrics,
  interval = INTERVAL,
): Pick<FileWatch<unknown>, 'stop'> {
  return watchFiles({
    files: [file],
    interval,
    parse: ([text = '']) => readRunReport(text),
    onValue(report) {
      metrics.runReport(report);
      metrics.runReportInvalid(false);
    },
    onProblem({ message, cause }) {
      const isGone = cause !== undefined && isMissing(cause);
      metrics.runReportInvalid(!isGone);
      if (isGone) return;
      log.error({ file, problem: message }, "the refresher's report is ignored");
    },
  });
}
