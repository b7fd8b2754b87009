import { EcrTokenError } from '../errors/error.ts';
import { flag, read, region, type Environment } from '../settings/environment.ts';
import type { Milliseconds } from '../settings/milliseconds.ts';
import { readAll } from '../settings/read-all.ts';

/**
 * How AWS is reached. `clientOptionsFromEnv` takes what is left out or undefined from the environment. What the
 * environment does not set either has the default that is named here.
 */
export interface AwsClientOptions {
  /** Such as `eu-west-1`; by default the region of the profile. */
  readonly region?: string | undefined;
  /** A profile of the shared configuration files, for what is not set here; `default` by default. */
  readonly profile?: string | undefined;
  /** A URL in place of the service's own endpoint. The SDK reads `AWS_ENDPOINT_URL_ECR` and the like by itself. */
  readonly endpoint?: string | undefined;
  /** Endpoints whose cryptography is validated by FIPS 140; not every region has them. */
  readonly useFipsEndpoint?: boolean | undefined;
  /** Endpoints that are also reached over IPv6. */
  readonly useDualstackEndpoint?: boolean | undefined;
  /**
   * The URL of a proxy. Requests to HTTPS endpoints go through it with CONNECT. `null` means no proxy, even if the
   * environment names one.
   */
  readonly httpsProxy?: string | null | undefined;
  /**
   * Hosts that are reached without the proxy, by Go's rules: `example.com` covers its subdomains. `null` means none.
   */
  readonly noProxy?: string | null | undefined;
  /**
   * A PEM file with root certificates that replace the usual ones, as for the AWS CLI. `null` means the usual ones,
   * even if the environment names a file.
   */
  readonly caBundle?: string | null | undefined;
  /** How long a connection may take; 3 s by default. */
  readonly connectTimeout?: Milliseconds | undefined;
  /** How long one answer may take; 8 s by default. */
  readonly requestTimeout?: Milliseconds | undefined;
  /** How often a call is tried; 3 by default. */
  readonly maxAttempts?: number | undefined;
}

/**
 * Says how AWS is reached: what is `given`, and for the rest what the environment says. The variables are `AWS_REGION`,
 * `AWS_DEFAULT_REGION`, `AWS_PROFILE`, `AWS_DEFAULT_PROFILE`, `AWS_USE_FIPS_ENDPOINT`, `AWS_USE_DUALSTACK_ENDPOINT`,
 * `AWS_CA_BUNDLE`, `HTTPS_PROXY`, `NO_PROXY` (also in lower case). The JavaScript SDK ignores five of them; the AWS CLI
 * honours them all. The SDK itself reads `AWS_ENDPOINT_URL`, `AWS_ENDPOINT_URL_ECR` and `AWS_ENDPOINT_URL_STS`; here
 * they are only checked.
 *
 * If the environment names no proxy or no CA bundle, the result has `null` for it, so that nobody looks for it in
 * another environment.
 *
 * @throws `EcrTokenError` with `invalid-settings`; its `mistakes` name every variable that is wrong, and a wrong
 * `region`, `endpoint` or `httpsProxy` that was given. A variable is ignored if its value is given as an option.
 */
export function clientOptionsFromEnv(env: Environment, given: AwsClientOptions = {}): AwsClientOptions {
  const { httpsProxy, noProxy, caBundle } = given;
  return {
    ...given,
    ...readAll({
      region: () =>
        region({ region: given.region }, 'region') ??
        region(env, 'AWS_REGION') ??
        region(env, 'AWS_DEFAULT_REGION'),
      profile: () => given.profile ?? read(env, 'AWS_PROFILE') ?? read(env, 'AWS_DEFAULT_PROFILE'),
      endpoint: () => {
        if (flag(env, 'AWS_IGNORE_CONFIGURED_ENDPOINT_URLS') !== true)
          for (const name of Object.values(ENDPOINT_URLS)) serviceUrl(env, name);
        return serviceUrl({ endpoint: given.endpoint }, 'endpoint');
      },
      useFipsEndpoint: () => given.useFipsEndpoint ?? flag(env, 'AWS_USE_FIPS_ENDPOINT'),
      useDualstackEndpoint: () => given.useDualstackEndpoint ?? flag(env, 'AWS_USE_DUALSTACK_ENDPOINT'),
      caBundle: () => (caBundle === undefined ? (read(env, 'AWS_CA_BUNDLE') ?? null) : caBundle),
      httpsProxy: () =>
        httpsProxy === null ? null : (proxyUrl({ httpsProxy }, 'httpsProxy') ?? proxyFrom(env)),
      noProxy: () =>
        noProxy === undefined ? (read(env, 'NO_PROXY') ?? read(env, 'no_proxy') ?? null) : noProxy,
    }),
  };
}

/** `others`, overridden by the `options` that are set. */
export function overridden(options: AwsClientOptions = {}, others: AwsClientOptions): AwsClientOptions {
  const said = Object.entries(options).filter(([, value]) => value !== undefined);
  return { ...others, ...Object.fromEntries(said) };
}

/** The variables that name an endpoint. The SDK takes them by itself. */
export const ENDPOINT_URLS = {
  all: 'AWS_ENDPOINT_URL',
  ecr: 'AWS_ENDPOINT_URL_ECR',
  sts: 'AWS_ENDPOINT_URL_STS',
};

function serviceUrl(env: Environment, name: string): string | undefined {
  const value = read(env, name);
  if (value === undefined || isHttpUrl(value)) return value;
  throw new EcrTokenError({
    code: 'invalid-settings',
    message: `${name} is not the URL of an endpoint`,
    remedy: `set ${name} to something like "https://vpce-1.api.ecr.eu-west-1.vpce.amazonaws.com"`,
  });
}

function isHttpUrl(text: string): boolean {
  return URL.canParse(text) && /^https?:$/.test(new URL(text).protocol);
}

function proxyFrom(env: Environment): string | null {
  return proxyUrl(env, 'HTTPS_PROXY') ?? proxyUrl(env, 'https_proxy') ?? null;
}

function proxyUrl(env: Environment, name: string): string | undefined {
  const value = read(env, name);
  if (value === undefined) return undefined;
  const url = value.includes('://') ? value : `http://${value}`;
  if (isProxyUrl(url)) return url;
  throw new EcrTokenError({
    code: 'invalid-settings',
    // The value is not shown: a proxy's URL may hold a password.
    message: `${name} is not the URL of an HTTP proxy`,
    remedy: `set ${name} to something like "http://proxy.example.com:3128"; in a user name or a password write % as %25, @ as %40, / as %2F`,
  });
}

function isProxyUrl(text: string): boolean {
  if (!URL.canParse(text)) return false;
  const { protocol, hostname, username, password } = new URL(text);
  try {
    decodeURIComponent(username + password);
  } catch {
    return false;
  }
  return hostname !== '' && (protocol === 'http:' || protocol === 'https:');
}
