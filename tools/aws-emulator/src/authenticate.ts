import type { AwsError } from './aws-error.ts';
import type { Call } from './http-message.ts';
import type { Identities, Identity } from './identities.ts';
import { readSignature, signedAt } from './signature.ts';

/** Who makes a signed call, and where. */
export interface Caller {
  readonly identity: Identity;
  readonly region: string;
}

const LARGEST_SKEW = 5 * 60_000;

/** The same mistakes, as each of the two protocols names them. */
const MISTAKES = {
  json: {
    unsigned: 'MissingAuthenticationTokenException',
    unknown: 'UnrecognizedClientException',
    forged: 'InvalidSignatureException',
    expired: 'ExpiredTokenException',
  },
  query: {
    unsigned: 'MissingAuthenticationToken',
    unknown: 'InvalidClientTokenId',
    forged: 'SignatureDoesNotMatch',
    expired: 'ExpiredToken',
  },
} as const;

/** Checks a call's signature as AWS does. */
export function authenticate(
  call: Call,
  identities: Identities,
  protocol: keyof typeof MISTAKES,
  clock: () => number,
): Caller | AwsError {
  const mistake = (kind: keyof (typeof MISTAKES)['json'], message: string): AwsError => ({
    status: protocol === 'json' ? 400 : 403,
    code: MISTAKES[protocol][kind],
    message,
  });
  const signature = readSignature(call);
  if (signature === undefined) return mistake('unsigned', 'Missing Authentication Token');
  const identity = identities.find(signature.accessKeyId);
  if (identity === undefined)
    return mistake('unknown', 'The security token included in the request is invalid.');
  if (Math.abs(signedAt(signature.timestamp) - clock()) > LARGEST_SKEW) {
    return mistake(
      'forged',
      `Signature expired: ${signature.timestamp} is not within 5 minutes of the current time`,
    );
  }
  if (!signature.verify(identity.keys.secretAccessKey)) {
    return mistake(
      'forged',
      'The request signature we calculated does not match the signature you provided.',
    );
  }
  if (call.headers['x-amz-security-token'] !== identity.keys.sessionToken) {
    return mistake('unknown', 'The security token included in the request is invalid.');
  }
  if (identities.isExpired(identity)) {
    return mistake('expired', 'The security token included in the request is expired');
  }
  return { identity, region: signature.region };
}
