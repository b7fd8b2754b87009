import { REFRESH_DEFAULTS } from '@ecr-anywhere/settings/refresh-defaults';
import type * as z from 'zod';
import type * as Types from './setting-types.ts';

// This file imports only types and a file of constants, so that --help does not load the rest of the program.

/** One setting of the refresher. Its key in the table is its environment variable. */
export interface Setting {
  /** The flag that replaces the variable, and its value: `--page-size N`. A flag without a value means `true`. */
  readonly flag?: string;
  /** As it is written in the environment. */
  readonly default?: string;
  readonly help: string;
  readonly type: (types: typeof Types, byDefault: string) => z.ZodType;
}

/** All settings, except those for AWS. The parsing, the help and the names in error messages come from this table. */
export const SETTINGS = {
  REFRESH_THRESHOLD: {
    flag: '--threshold DURATION',
    default: REFRESH_DEFAULTS.REFRESH_THRESHOLD,
    help: 'refresh a Secret if its credentials expire within this time; the same value as for the webhook',
    type: ({ refreshSettings }) => refreshSettings.REFRESH_THRESHOLD,
  },
  NAMESPACES: {
    flag: '--namespaces A,B',
    help: 'check only these namespaces, not all that are enabled',
    type: ({ namespaces }) => namespaces(),
  },
  SECRET_NAMES: {
    flag: '--secret-names A,B',
    help: 'the only names that managed Secrets have; the refresher requests a list for each, so it needs no right to other Secrets',
    type: ({ secretNames }) => secretNames(),
  },
  NAMESPACE_LABELS: {
    flag: '--namespace-labels A=B,C=D',
    help: 'check only namespaces with all these labels; other enabled namespaces belong to other installations',
    type: ({ namespaceLabels }) => namespaceLabels(),
  },
  CHECK_PROFILE: {
    flag: '--profile A,B',
    help: 'for check: the profiles that its Secret names; without it, the Secret gets the default one',
    type: ({ text }) => text(),
  },
  CONCURRENCY: {
    flag: '--concurrency N',
    default: '10',
    help: 'refresh at most this many Secrets at a time',
    type: ({ integer }, byDefault) => integer(Number(byDefault), { least: 1, most: 1_000 }),
  },
  PAGE_SIZE: {
    flag: '--page-size N',
    default: '500',
    help: 'list this many Secrets with one request',
    type: ({ integer }, byDefault) => integer(Number(byDefault), { least: 1, most: 10_000 }),
  },
  DEADLINE: {
    flag: '--deadline DURATION',
    default: '0s',
    help: 'end the run after this time, with a summary; 0s means no deadline',
    type: ({ duration }, byDefault) => duration(byDefault),
  },
  REQUEST_TIMEOUT: {
    flag: '--request-timeout DURATION',
    default: '30s',
    help: 'the time limit for one request to the API server',
    type: ({ duration }, byDefault) => duration(byDefault, { least: 1 }),
  },
  DRY_RUN: {
    flag: '--dry-run',
    help: 'only print which Secrets are due, and why',
    type: ({ trueOrFalse }) => trueOrFalse(),
  },
  FORCE: {
    flag: '--force',
    help: 'refresh every managed Secret, due or not',
    type: ({ trueOrFalse }) => trueOrFalse(),
  },
  OUTPUT: {
    flag: '--output text|json',
    default: 'text',
    help: 'json prints one object per line',
    type: ({ output }) => output(),
  },
  KUBECONFIG: {
    flag: '--kubeconfig FILE',
    help: 'without it: ~/.kube/config, then the service account of the Pod',
    type: ({ text }) => text(),
  },
  KUBE_CONTEXT: {
    flag: '--context NAME',
    help: 'the context of the kubeconfig; without it: its current context',
    type: ({ text }) => text(),
  },
  REPORT_CONFIG_MAP: {
    flag: '--report-config-map NS/NAME',
    help: 'write the result of the run into this ConfigMap, for the metrics of the webhook; not after a dry run, and, without the flag, not with --namespaces or --secret-names',
    type: ({ objectName }) => objectName(),
  },
  REFRESH_MARGIN: {
    default: REFRESH_DEFAULTS.REFRESH_MARGIN,
    help: 'the same value as for the webhook; threshold and margin together must be shorter than the life of a token (12h)',
    type: ({ refreshSettings }) => refreshSettings.REFRESH_MARGIN,
  },
  REGISTRY_HOSTS: {
    help: 'the same value as for the webhook',
    type: ({ refreshSettings }) => refreshSettings.REGISTRY_HOSTS,
  },
  PROFILES_FILE: {
    help: 'the same file as for the webhook: which Secret gets the credentials of which identity',
    type: ({ refreshSettings }) => refreshSettings.PROFILES_FILE,
  },
  TERMINATION_MESSAGE_PATH: {
    default: '/dev/termination-log',
    help: 'the refresher also writes its last line to this file',
    type: ({ text }) => text(),
  },
} satisfies Readonly<Record<string, Setting>>;

/** The environment variable of a setting. */
export type SettingName = keyof typeof SETTINGS;

/** The rows of the table. */
export const SETTING_ROWS = Object.entries(SETTINGS) as readonly (readonly [SettingName, Setting])[];
