import { createRequire } from 'node:module';
import { parseArgs } from 'node:util';

export const USAGE = `Usage: refresher [command] [options]

Without a command: has every managed Secret refreshed whose credentials run out,
and fails where one was not.

  check NAMESPACE             writes the FAKE Secret into it, and tells whether
                              it was filled: it must be enabled, and is best one
                              of its own
  delete-secrets NS/NAME ...  deletes these Secrets where they exist

  --threshold DURATION        due with this much life left, or less; with
                              REFRESH_MARGIN (30m) it has to be shorter than the
                              life of a token (REFRESH_THRESHOLD, 6h)
  --namespaces A,B            only these (NAMESPACES, all that are enabled)
  --concurrency N             requests at a time (CONCURRENCY, 10)
  --page-size N               Secrets listed at a time (PAGE_SIZE, 500)
  --deadline DURATION         end by then, with a summary (DEADLINE, none)
  --request-timeout DURATION  for one request (REQUEST_TIMEOUT, 30s)
  --dry-run                   only tell what is due, and why (DRY_RUN)
  --force                     everything is due (FORCE)
  --output text|json          (OUTPUT, text)
  --kubeconfig FILE           (KUBECONFIG; the Pod's own service account)
  --context NAME              of the kubeconfig (KUBE_CONTEXT)
  -h, --help
  --version

REGISTRY_HOSTS, AWS_REGION, AWS_ROLE_ARN and ECR_TOKEN_ASSUME_ROLE as the
webhook has them: with other ones than a Secret was filled with, it is due. A
run in which nothing is due tries the webhook with a dry run of a refresh.

The last line says how many Secrets were checked, due, refreshed and failed,
which one failed first and why, and which one's credentials end first. It is
also written to TERMINATION_MESSAGE_PATH (/dev/termination-log). Times are
judged by the API server's clock. With --output json each line is an object, of
check and delete-secrets too; {"error": ...} where the run could not be made.

Exit code: 0 all fresh, 1 some could not be refreshed or the run was ended,
2 not every Secret could be listed.`;

/** What is printed at once, without loading the program; undefined where the arguments ask for work, or are wrong. */
export function printedAtOnce(args: readonly string[]): string | undefined {
  const { values } = parseArgs({
    args: [...args],
    options: { help: { type: 'boolean', short: 'h' }, version: { type: 'boolean' } },
    allowPositionals: true,
    strict: false, // the other flags are the program's own
  });
  if (values.help) return USAGE;
  return values.version ? `refresher ${version()}` : undefined;
}

/** Of the package.json that the program comes with: Node would not take it for an ES module without one. */
function version(): string {
  const manifest = createRequire(import.meta.url)('@ecr-anywhere/refresher/package.json') as {
    version: string;
  };
  return manifest.version;
}
