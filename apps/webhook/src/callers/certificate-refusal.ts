import type { CallerRefusal } from './caller-check.ts';
import type { TlsClient } from './tls-clients.ts';

/** The common names that a client's certificate may have. */
export type AllowedNames = readonly string[] | 'any';

/** Why a client is refused because of its certificate; undefined if it is not. */
export function certificateRefusal(
  client: TlsClient | undefined,
  { names, now }: { readonly names: AllowedNames; readonly now: number },
): CallerRefusal | undefined {
  if (client === undefined)
    return { reason: 'earlier_trust', text: 'the connection is older than the CAs that are trusted now' };
  const { certificate } = client;
  if (certificate === undefined)
    return { reason: 'no_certificate', text: 'the client showed no certificate' };
  const { problem, commonName, notAfter } = certificate;
  if (problem !== undefined)
    return {
      reason: 'untrusted_certificate',
      text: `the certificate of the client is not trusted (${problem})`,
    };
  // A connection can outlive its certificate. NaN, for a date that cannot be read, is not later than now either.
  if (!(notAfter > now))
    return { reason: 'expired_certificate', text: 'the certificate of the client has expired' };
  if (names === 'any' || (commonName !== undefined && names.includes(commonName))) return undefined;
  return { reason: 'other_name', text: 'the common name of the certificate is not allowed' };
}
