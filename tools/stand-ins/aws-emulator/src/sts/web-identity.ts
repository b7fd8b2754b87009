import type { AwsError } from '../http/aws-error.ts';

/** The claims of a web identity token; empty if STS accepts it without reading it. */
export interface WebIdentity {
  readonly subject?: string | undefined;
  readonly audience?: string | undefined;
  readonly issuer?: string | undefined;
}

/**
 * Checks a web identity token: it must be in the list, if there is one, and not be expired. Its signature
 * is not checked. Without a list it must be a JWT.
 *
 * @param now milliseconds since 1970
 */
export function readWebIdentity(
  token: string,
  allowed: readonly string[] | undefined,
  now: number,
): WebIdentity | AwsError {
  const claims = claimsOf(token);
  if (allowed === undefined ? claims === undefined : !allowed.includes(token)) {
    return {
      status: 400,
      code: 'InvalidIdentityToken',
      message:
        'The ID Token provided is not a valid JWT. (You may see this error if you sent an Access Token)',
    };
  }
  const { exp, sub, aud, iss } = claims ?? {};
  if (typeof exp === 'number' && exp * 1000 <= now) {
    return {
      status: 400,
      code: 'ExpiredTokenException',
      message: `Token expired: current date/time ${Math.floor(now / 1000)} must be before the expiration date/time ${exp}`,
    };
  }
  return { subject: text(sub), audience: text(Array.isArray(aud) ? aud[0] : aud), issuer: text(iss) };
}

function claimsOf(token: string): Readonly<Record<string, unknown>> | undefined {
  const [, payload, signature] = token.split('.');
  if (payload === undefined || signature === undefined) return undefined;
  try {
    const claims: unknown = JSON.parse(Buffer.from(payload, 'base64url').toString());
    return typeof claims === 'object' && claims !== null ? { ...claims } : undefined;
  } catch {
    return undefined;
  }
}

function text(value: unknown): string | undefined {
  return typeof value === 'string' ? value : undefined;
}
