import type { GetAuthorizationTokenResponse } from '@aws-sdk/client-ecr';
import type { AwsClock } from './aws-clock.ts';
import { EcrToken } from './ecr-token.ts';
import { EcrTokenError } from './errors.ts';

/** A token lives for twelve hours; the hour more is for a clock that nobody corrects. */
const LONGEST_LIFE = 13 * 3_600_000;

/**
 * The token in an answer of ECR's.
 *
 * @throws `EcrTokenError` with `bad-response` where something is missing or the token has ended: a Secret made of it
 * would look as good as any.
 */
export function tokenFrom(
  { authorizationData }: GetAuthorizationTokenResponse,
  region: string,
  clock: Pick<AwsClock, 'now'>,
): EcrToken {
  const now = clock.now();
  const { authorizationToken, expiresAt, proxyEndpoint } = authorizationData?.[0] ?? {};
  const [username = '', ...rest] = Buffer.from(authorizationToken ?? '', 'base64')
    .toString('utf8')
    .split(':');
  const password = rest.join(':');
  if (username === '' || password === '') throw malformed(region, 'holds no username and password');
  const end = expiresAt?.getTime() ?? Number.NaN;
  if (Number.isNaN(end)) throw malformed(region, 'does not say until when its token is good');
  if (end <= now) throw malformed(region, 'holds a token that has already expired');
  if (end > now + LONGEST_LIFE) throw malformed(region, 'holds a token that ends later than any does');
  if (proxyEndpoint === undefined || !isRegistryUrl(proxyEndpoint)) {
    throw malformed(region, "does not say which registry is the account's own");
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

/** Private ECR always names its registry so; what is no host would become a key that no image matches. */
function isRegistryUrl(text: string): boolean {
  return /^https?:\/\/[^/?#@\\]+\/?$/.test(text) && URL.canParse(text);
}

function malformed(region: string, what: string): EcrTokenError {
  return new EcrTokenError({
    code: 'bad-response',
    message: `The answer of ECR in ${region} ${what}`,
    remedy: "check this machine's clock, and that nothing between here and AWS rewrites answers",
  });
}
