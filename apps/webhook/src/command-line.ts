import { createRequire } from 'node:module';
import { parseArgs } from 'node:util';

export const USAGE = `Usage: webhook

Answers the API server's admission reviews, and writes fresh ECR credentials
into labelled Secrets. Its settings are environment variables; the defaults are
in brackets:

  REFRESH_THRESHOLD    a Secret is due if its credentials expire within this
                       time; set the same value for the refresher (6h)
  REFRESH_MARGIN       if AWS does not answer, a cached token is used only if
                       it lives longer than threshold plus margin (30m)
  TOKEN_REUSE          how long a token is reused (1h)
  AWS_TIMEOUT          how long one renewal of the token may take (15s)
  REGISTRY_HOSTS       more registry hosts that get the token: A,B or A=REGION
                       (none); set the same value for the refresher
  DOCKER_CONFIG_FIELDS what each registry has in a Secret: auth, or
                       username,password,auth (auth)
  PROFILES_FILE        YAML: more profiles, and who may use them (none); set the
                       same file for the refresher; docs/profiles.md explains it
  SECRET_NAMES         the only names that managed Secrets may have: A,B (any)
  REFRESHER_USER       the user name of the refresher's service account, which
                       may change nothing but the mark of a Secret (none)

  PORT                 HTTPS port for the API server (8443)
  WEBHOOK_PATH         path of reviews; several are separated by commas (/sync)
  CERT_FILE, KEY_FILE  TLS certificate and key
                       (/etc/webhook/certs/tls.crt, /etc/webhook/certs/tls.key)
  CERT_CHECK_INTERVAL  how often these files are read again (5s)
  CA_FILE              the CA of the certificate of the other replicas
                       (ca.crt in the folder of CERT_FILE)
  PEER_URL             https:// URL of a Service that selects all replicas, best
                       a headless one, with the port of the replicas (none)
  PEER_SERVER_NAME     the name in the certificate of the replicas
                       (the host of PEER_URL)
  CALLER_MODE          who may send reviews (none):
                         none               everybody
                         path               who knows a key: WEBHOOK_PATH/KEY
                         clientCertificate  a client with a certificate
                         aggregated         the API server's aggregation layer
  CALLER_ALSO_ACCEPT   more modes that are accepted: A,B (none)
  CALLER_PATH_FILE     path: the keys, one a line; at most 4 (none)
  CALLER_CA_FILE       clientCertificate: the CA of the certificates (none)
  CALLER_NAMES_FILE    clientCertificate: their common names, one a line (none)
  CALLER_API           aggregated: GROUP/VERSION/RESOURCE of reviews (none)
  PROBE_PORT           plain HTTP port: /livez, /readyz, /metrics (8081)
  LISTEN_ADDRESS       the IP address of both ports (all addresses)
  REPORT_FILE          the refresher's report, shown as metrics: a file of its
                       REPORT_CONFIG_MAP (none)

  SHUTDOWN_DELAY       how long a terminating replica keeps serving, so that the
                       Service can stop routing to it (5s)
  SHUTDOWN_TIMEOUT     how long requests in flight may take after that (20s)
  LOG_LEVEL            trace, debug, info, warn or error (info)

AWS_REGION, AWS_DEFAULT_REGION or AWS_REGIONS is required, unless PROFILES_FILE
has profiles. AWS_REGIONS lists several, separated by commas: each Secret gets
the credentials of all of them, and STS is called in AWS_REGION, or else in the
first one.

The identity comes from the same variables as for the AWS CLI
(AWS_ACCESS_KEY_ID, AWS_PROFILE, AWS_WEB_IDENTITY_TOKEN_FILE, ...), or from
ECR_TOKEN_KEYS_DIR, a directory with keys. With this identity, the webhook
assumes the role AWS_ROLE_ARN, also if there are keys;
ECR_TOKEN_ASSUME_ROLE=sdk-default assumes it only where the AWS SDK does.
HTTPS_PROXY, NO_PROXY, AWS_CA_BUNDLE, AWS_ENDPOINT_URL and
AWS_USE_FIPS_ENDPOINT decide how the webhook reaches AWS.

  -h, --help           print this text
  --version            print the version

Exit code: 0 ended after a signal, 1 ended after a defect or a second signal,
2 could not start.`;

/**
 * Prints what the arguments ask for, or what is wrong with them. It does not load the program.
 *
 * @returns the exit code; undefined if there are no arguments, and the program has to serve
 */
export function answer(args: readonly string[]): number | undefined {
  try {
    const { values } = parseArgs({
      args: [...args],
      options: { help: { type: 'boolean', short: 'h' }, version: { type: 'boolean' } },
    });
    if (!values.help && !values.version) return undefined;
    console.log(values.help ? USAGE : `webhook ${version()}`);
    return 0;
  } catch (error) {
    // Node's own first sentence names the argument.
    const [sentence = ''] = (error as Error).message.split('. ');
    console.error(`${sentence}; the settings are variables, which --help lists`);
    return 2;
  }
}

/** The version in the package.json beside the bundle, which Node needs to load it as an ES module. */
function version(): string {
  const manifest = createRequire(import.meta.url)('@ecr-anywhere/webhook/package.json') as {
    version: string;
  };
  return manifest.version;
}
