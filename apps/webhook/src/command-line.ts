import { createRequire } from 'node:module';
import { parseArgs } from 'node:util';

export const USAGE = `Usage: webhook

Answers the API server's admission reviews: puts fresh ECR credentials into
labelled Secrets. Environment variables are its settings:

  REFRESH_THRESHOLD    a Secret is due when its credentials have no more than
                       this left to live; the same as the refresher's (6h)
  REFRESH_MARGIN       while AWS does not answer, a cached token has to live
                       this much longer than that (30m)
  TOKEN_REUSE          how long a token is reused (1h)
  AWS_TIMEOUT          how long one renewal of the token may take (15s)
  REGISTRY_HOSTS       more registry hosts that get the token: A,B (none)

  PORT                 HTTPS port for the API server (8443)
  WEBHOOK_PATH         path of reviews; several separated by commas (/sync)
  CERT_FILE, KEY_FILE  (/etc/webhook/certs/tls.crt, /etc/webhook/certs/tls.key)
  CERT_CHECK_INTERVAL  how often these files are read again (5s)
  CA_FILE              the CA of all replicas (ca.crt beside CERT_FILE)
  PEER_URL             https:// URL of a Service of all replicas, best a
                       headless one with the port of the replicas (none)
  PEER_SERVER_NAME     the name in their certificate (the host of PEER_URL)
  PROBE_PORT           plain HTTP port: /livez, /readyz, /metrics (8081)

  SHUTDOWN_DELAY       how long a terminating replica keeps serving, so that the
                       Service can stop routing to it (5s)
  SHUTDOWN_TIMEOUT     how long requests in flight may take after that (20s)
  LOG_LEVEL            trace, debug, info, warn or error (info)

AWS_REGION is required. The identity comes from the environment, as for the AWS
CLI: AWS_ACCESS_KEY_ID, AWS_PROFILE, AWS_WEB_IDENTITY_TOKEN_FILE, ... or from
ECR_TOKEN_KEYS_DIR, a directory of keys. AWS_ROLE_ARN is always assumed, from
that identity. HTTPS_PROXY, NO_PROXY, AWS_CA_BUNDLE, AWS_ENDPOINT_URL and
AWS_USE_FIPS_ENDPOINT decide how AWS is reached.

  -h, --help
  --version

Exit code: 0 after a signal, 1 after a defect or a second signal, 2 could not
start.`;

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
