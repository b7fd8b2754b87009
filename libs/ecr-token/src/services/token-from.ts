import type { GetAuthorizationTokenResponse } from '@aws-sdk/client-ecr';
import { registryMismatch } from '../docker/registry.ts';
import { EcrTokenError } from '../errors/error.ts';
import type { AwsClock } from '../token/clock.ts';
import { EcrToken } from '../token/token.ts';

/** A token is valid for twelve hours. One more hour allows for a clock that is off. */
const LONGEST_LIFE = 13 * 3_600_000;

/**
 * Reads the token in an answer of ECR.
 *
 * @throws `EcrTokenError` with `bad-response` if something is missing, or the token has expired or is valid for too
 * long: a Secret made of it would look like any other. Something missing may be there the next time (`transient`), a
 * wrong time will not.
 */
export function tokenFrom(
  { authorizationData }: GetAuthorizationTokenResponse,
  region: string,
  clock: Pick<AwsClock, 'now' | 'isHeard'>,
): EcrToken {
  const now = clock.now();
  const { authorizationToken, expiresAt, proxyEndpoint } = authorizationData?.[0] ?? {};
  const [username = '', ...rest] = Buffer.from(authorizationToken ?? '', 'base64')
    .toString('utf8')
    .split(':');
  const password = rest.join(':');
  if (username === '' || password === '') throw malformed(region, 'holds no username and password');
  const end = expiresAt?.getTime() ?? Number.NaN;
  if (Number.isNaN(end)) throw malformed(region, 'does not say when its token expires');
  if (end <= now) throw mistimed(region, `had already expired at ${iso(end)}`, now, clock.isHeard);
  if (end > now + LONGEST_LIFE)
    throw mistimed(region, `expires later than any token of ECR, at ${iso(end)}`, now, clock.isHeard);
  if (proxyEndpoint === undefined || !isRegistryUrl(proxyEndpoint)) {
    throw malformed(region, "does not say which registry is the account's own");
  }
  if (registryMismatch(proxyEndpoint, region) !== undefined) {
    throw malformed(region, "names a registry of another region as the account's own");
  }
  return new EcrToken({
    username,
    password,
    region,
    issuedAt: new Date(now),
    expiresAt: new Date(end),
    proxyEndpoint,
  });
}

/**
 * Private ECR always sends such a URL. Anything else would become an entry in a Docker config that matches no image.
 */
function isRegistryUrl(text: string): boolean {
  return /^https?:\/\/[^/?#@\\]+\/?$/.test(text) && URL.canParse(text);
}

function malformed(region: string, what: string): EcrTokenError {
  return new EcrTokenError({
    code: 'bad-response',
    message: `The answer of ECR in ${region} ${what}`,
    remedy: 'check that nothing between here and AWS rewrites answers',
  });
}

/** Either a clock is wrong, or the answer is an old one. Neither passes by itself. */
function mistimed(region: string, what: string, now: number, isTimeOfAws: boolean): EcrTokenError {
  const answers = 'that nothing between here and AWS rewrites or keeps answers';
  return new EcrTokenError({
    code: 'bad-response',
    transient: false,
    message:
      `The answer of ECR in ${region} holds a token that ${what}; ` +
      `here it is ${iso(now)} by ${isTimeOfAws ? "AWS's clock" : "this machine's clock"}`,
    remedy: isTimeOfAws ? `check ${answers}` : `check this machine's clock, and ${answers}`,
  });
}

function iso(time: number): string {
  return new Date(time).toISOString();
}
