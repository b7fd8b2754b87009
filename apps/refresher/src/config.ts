import { parseArgs } from 'node:util';
import type { Milliseconds } from '@ecr-anywhere/secret-scan';
import {
  duration,
  hashOfSettings,
  integer,
  list,
  readSettings,
  refreshSettings,
  SettingsError,
  type Settings,
} from '@ecr-anywhere/settings';
import { z } from 'zod';

/** Everything that the refresher can be told. The only reader of the environment in this program. */
export interface Config {
  readonly threshold: Milliseconds;
  readonly configHash: string | undefined;
  readonly namespaces: readonly string[];
  readonly concurrency: number;
  readonly pageSize: number;
  readonly deadline: Milliseconds | undefined;
  readonly requestTimeout: Milliseconds;
  readonly dryRun: boolean;
  readonly force: boolean;
  readonly output: 'text' | 'json';
  /** Of the flag; without it client-node looks where kubectl does, KUBECONFIG first. */
  readonly kubeconfig: string | undefined;
  readonly context: string | undefined;
  readonly terminationMessagePath: string;
}

const choice = z.enum(['text', 'json'], { error: 'expected text or json' }).default('text');
const flag = z.enum(['true', 'false'], { error: 'expected true or false' }).default('false');

const schema = z.object({
  ...refreshSettings,
  NAMESPACES: list(),
  CONCURRENCY: integer(10, { least: 1, most: 1_000 }),
  PAGE_SIZE: integer(500, { least: 1, most: 10_000 }),
  DEADLINE: duration('0s'),
  REQUEST_TIMEOUT: duration('30s', { least: 1 }),
  OUTPUT: choice,
  DRY_RUN: flag,
  FORCE: flag,
  KUBE_CONTEXT: z.string().optional(),
  TERMINATION_MESSAGE_PATH: z.string().default('/dev/termination-log'),
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

export const USAGE = `Usage: refresher [options]

Has every managed Secret refreshed whose credentials run out, and fails where one was not.

  --threshold DURATION       due with this much life left, or less (REFRESH_THRESHOLD, 6h)
  --namespaces A,B           only these (NAMESPACES, all that are enabled)
  --concurrency N            requests at a time (CONCURRENCY, 10)
  --page-size N              Secrets listed at a time (PAGE_SIZE, 500)
  --deadline DURATION        end by then, with a summary (DEADLINE, none)
  --request-timeout DURATION for one request (REQUEST_TIMEOUT, 30s)
  --dry-run                  only tell what is due, and why (DRY_RUN)
  --force                    everything is due (FORCE)
  --output text|json         (OUTPUT, text)
  --kubeconfig FILE          (KUBECONFIG; the Pod's own service account)
  --context NAME             of the kubeconfig (KUBE_CONTEXT)
  --help

The last line says how many were checked, due, refreshed and failed, and which failed first and why.
Exit code: 0 all fresh, 1 some could not be refreshed, 2 the run could not be made.`;

/** @throws SettingsError with every mistake at once. */
export function readConfig(args: readonly string[], env: Settings): Config {
  const flags = fromFlags(args);
  const values = readSettings(schema, { ...env, ...flags });
  return {
    threshold: values.REFRESH_THRESHOLD,
    configHash: hashOfSettings(env, values.REGISTRY_HOSTS),
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
    terminationMessagePath: values.TERMINATION_MESSAGE_PATH,
  };
}

function fromFlags(args: readonly string[]): Settings {
  const text = Object.fromEntries(Object.keys(FLAGS).map((name) => [name, { type: 'string' as const }]));
  try {
    const { values } = parseArgs({
      args: [...args],
      options: { ...text, 'dry-run': { type: 'boolean' }, force: { type: 'boolean' } },
    });
    const settings: Record<string, string> = {};
    for (const [name, variable] of Object.entries(FLAGS)) {
      const value: unknown = values[name as keyof typeof values];
      if (typeof value === 'string') settings[variable] = value;
    }
    if (values['dry-run']) settings['DRY_RUN'] = 'true';
    if (values.force) settings['FORCE'] = 'true';
    return settings;
  } catch (error) {
    // Node's own words name the flag.
    throw new SettingsError([`${(error as Error).message}; --help lists the flags`]);
  }
}
