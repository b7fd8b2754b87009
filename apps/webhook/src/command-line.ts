import { createRequire } from 'node:module';
import { parseArgs } from 'node:util';

export const USAGE = `Usage: webhook

Answers the API server's admission reviews, and puts fresh ECR credentials into
labelled Secrets. Its settings are variables of the environment:

  REFRESH_THRESHOLD    credentials with this much life left, or less, are due;
                       as the refresher has it (6h)
  REFRESH_MARGIN       a token needs this much more to bridge an outage (30m)
  TOKEN_REUSE          how long one token serves (1h)
  AWS_TIMEOUT          for one renewal of it (15s)
  REGISTRY_HOSTS       further hosts that get the same credentials: A,B (none)

  PORT                 HTTPS for the API server (8443)
  WEBHOOK_PATH         there; several with commas (/sync)
  CERT_FILE, KEY_FILE  (/etc/webhook/certs/tls.crt, /etc/webhook/certs/tls.key)
  CERT_CHECK_INTERVAL  how often these are looked at (5s)
  CA_FILE              who has signed other replicas' (ca.crt beside CERT_FILE)
  PEER_URL             https:// of the webhook's own Service (none)
  PROBE_PORT           plain HTTP: /livez, /readyz, /metrics (8081)

  SHUTDOWN_DELAY       after SIGTERM it is unready, but serves (5s)
  SHUTDOWN_TIMEOUT     then until what is in flight is cut (20s)
  LOG_LEVEL            trace, debug, info, warn or error (info)

AWS_REGION is required. The identity comes from the environment, as the AWS CLI
takes it: AWS_ACCESS_KEY_ID, AWS_PROFILE, AWS_WEB_IDENTITY_TOKEN_FILE, ... or
ECR_TOKEN_KEYS_DIR, a directory of keys. AWS_ROLE_ARN is assumed whatever that
gives. HTTPS_PROXY, NO_PROXY, AWS_CA_BUNDLE, AWS_ENDPOINT_URL and
AWS_USE_FIPS_ENDPOINT say how AWS is reached.

  -h, --help
  --version

Exit code: 0 told to end, 1 a defect, or told twice, 2 could not start.`;

/**
 * Prints what the arguments ask for, or what is wrong with them, without loading the program.
 *
 * @returns its exit code; undefined where there are none, and the program is to serve.
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

/** Of the package.json that the program comes with: Node would not take it for an ES module without one. */
function version(): string {
  const manifest = createRequire(import.meta.url)('@ecr-anywhere/webhook/package.json') as {
    version: string;
  };
  return manifest.version;
}
