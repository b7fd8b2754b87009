import { isIP } from 'node:net';
import { dirname, join } from 'node:path';
import {
  checkRegistryHosts,
  checkThreshold,
  profileSource,
  duration,
  port,
  readAll,
  readAws,
  readSettings,
  refreshSettings,
  secretNames,
  urlPaths,
  type Check,
  type Milliseconds,
  type ProfileSource,
  type Settings,
} from '@ecr-anywhere/settings';
import type { DockerAuthFields } from '@ecr-anywhere/ecr-token';
import { parseYaml } from '@ecr-anywhere/kubernetes/yaml';
import * as z from 'zod';
import type { WriteRules } from './review/write-rules.ts';
import { callerChoices, callerSettings, checkCallers, type CallerChoice } from './callers/caller-settings.ts';
import { INSTANCE_PATH } from './http/instance.ts';

/** All settings of the webhook. Nothing else in this program reads the environment. */
export interface Config {
  readonly port: number;
  readonly probePort: number;
  /** The IP address of both ports; all addresses of the machine if undefined. */
  readonly listenAddress: string | undefined;
  readonly paths: readonly string[];
  /** Who may send reviews: CALLER_MODE, and what is accepted besides. */
  readonly callers: readonly [CallerChoice, ...CallerChoice[]];
  /** SECRET_NAMES and REFRESHER_USER. */
  readonly rules: WriteRules;
  readonly certFile: string;
  readonly keyFile: string;
  readonly caFile: string;
  readonly certCheckInterval: Milliseconds;
  readonly shutdownDelay: Milliseconds;
  readonly shutdownTimeout: Milliseconds;
  /** The file with the refresher's report. */
  readonly reportFile: string | undefined;
  readonly peerUrl: URL | undefined;
  readonly peerServerName: string | undefined;
  readonly logLevel: string;
  readonly threshold: Milliseconds;
  readonly margin: Milliseconds;
  readonly tokenReuse: Milliseconds;
  readonly awsTimeout: Milliseconds;
  readonly dockerConfigFields: DockerAuthFields;
  readonly profiles: ProfileSource;
}

export const schema = z.object({
  ...refreshSettings,
  ...callerSettings,
  PORT: port(8443),
  PROBE_PORT: port(8081),
  LISTEN_ADDRESS: z
    .string()
    .refine((text) => isIP(text) > 0, { error: 'expected an IP address' })
    .optional(),
  WEBHOOK_PATH: urlPaths('/sync'),
  CERT_FILE: z.string().default('/etc/webhook/certs/tls.crt'),
  KEY_FILE: z.string().default('/etc/webhook/certs/tls.key'),
  CA_FILE: z.string().optional(),
  CERT_CHECK_INTERVAL: duration('5s', { least: 10 }),
  SHUTDOWN_DELAY: duration('5s'),
  SHUTDOWN_TIMEOUT: duration('20s'),
  REPORT_FILE: z.string().optional(),
  SECRET_NAMES: secretNames(),
  REFRESHER_USER: z
    .string()
    .regex(/^system:serviceaccount:[a-z0-9-]+:[a-z0-9.-]+$/, {
      error: 'expected a service account: system:serviceaccount:NAMESPACE:NAME',
    })
    .optional(),
  PEER_URL: z.url({ protocol: /^https$/, error: 'expected an https:// URL' }).optional(),
  PEER_SERVER_NAME: z
    .string()
    .regex(/^[\da-z](?:[\da-z.-]*[\da-z])?$/i, { error: 'expected a host name' })
    .optional(),
  TOKEN_REUSE: duration('1h'),
  AWS_TIMEOUT: duration('15s', { least: 1 }),
  DOCKER_CONFIG_FIELDS: z
    .enum(['auth', 'username,password,auth'], { error: 'expected auth or username,password,auth' })
    .default('auth'),
  LOG_LEVEL: z
    .enum(['trace', 'debug', 'info', 'warn', 'error'], {
      error: 'expected trace, debug, info, warn or error',
    })
    .default('info'),
});

/** @throws SettingsError with every mistake at once. */
export function readConfig(env: Settings): Config {
  const aws = readAws(env);
  const [values, settings] = readAll(
    () =>
      readSettings(schema, env, [
        checkPorts,
        checkPaths,
        checkThreshold,
        checkRegistryHosts(aws.regions),
        checkCallers(env),
      ]),
    () => aws.settings(),
    // Without a region, the SDK calls STS in us-east-1, and `config_hash` cannot tell two regions apart. The profiles of a file
    // have regions of their own.
    env['PROFILES_FILE'] ? () => undefined : aws.requireRegion,
  );
  return {
    port: values.PORT,
    probePort: values.PROBE_PORT,
    listenAddress: values.LISTEN_ADDRESS,
    paths: values.WEBHOOK_PATH,
    callers: callerChoices(values, env),
    rules: { secretNames: values.SECRET_NAMES, refresher: values.REFRESHER_USER },
    certFile: values.CERT_FILE,
    keyFile: values.KEY_FILE,
    caFile: values.CA_FILE ?? join(dirname(values.CERT_FILE), 'ca.crt'),
    certCheckInterval: values.CERT_CHECK_INTERVAL,
    shutdownDelay: values.SHUTDOWN_DELAY,
    shutdownTimeout: values.SHUTDOWN_TIMEOUT,
    reportFile: values.REPORT_FILE,
    peerUrl: values.PEER_URL === undefined ? undefined : new URL(values.PEER_URL),
    peerServerName: values.PEER_SERVER_NAME,
    logLevel: values.LOG_LEVEL,
    threshold: values.REFRESH_THRESHOLD,
    margin: values.REFRESH_MARGIN,
    tokenReuse: values.TOKEN_REUSE,
    awsTimeout: values.AWS_TIMEOUT,
    dockerConfigFields: values.DOCKER_CONFIG_FIELDS,
    profiles: profileSource(
      { aws: settings, hosts: values.REGISTRY_HOSTS, file: values.PROFILES_FILE },
      parseYaml,
    ),
  };
}

/** Both may be 0, which means any free port. */
const checkPorts: Check<{ PORT: number; PROBE_PORT: number }> = ({ PORT, PROBE_PORT }) =>
  PORT === undefined || PORT === 0 || PORT !== PROBE_PORT
    ? []
    : [`PROBE_PORT: expected another port than PORT, not ${PROBE_PORT}`];

/**
 * Replicas ask each other at INSTANCE_PATH. The mode `path` appends a parameter to each path of reviews, so `/` would match it,
 * too. The router ignores case, and a slash at the end.
 */
const checkPaths: Check<{ WEBHOOK_PATH: readonly string[] }> = ({ WEBHOOK_PATH: paths = [] }) =>
  paths
    .filter((path) => ['', INSTANCE_PATH].includes(path.replace(/\/+$/, '').toLowerCase()))
    .map(
      (path) =>
        `WEBHOOK_PATH: expected another path than ${path}, since replicas ask each other at ${INSTANCE_PATH}`,
    );
