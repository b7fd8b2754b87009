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

/** Checks a call's signature as AWS does. The two protocols name the same mistakes differently. */
export function authenticate(
  call: Call,
  identities: Identities,
  protocol: 'json' | 'query',
  clock: () => number,
): Caller | AwsError {
  const isJson = protocol === 'json';
  const signature = readSignature(call);
  if (signature === undefined) {
    return error(
      isJson ? 400 : 403,
      isJson ? 'MissingAuthenticationTokenException' : 'MissingAuthenticationToken',
      'Missing Authentication Token',
    );
  }
  const identity = identities.find(signature.accessKeyId);
  if (identity === undefined) {
    return error(
      isJson ? 400 : 403,
      isJson ? 'UnrecognizedClientException' : 'InvalidClientTokenId',
      'The security token included in the request is invalid.',
    );
  }
  if (Math.abs(signedAt(signature.timestamp) - clock()) > LARGEST_SKEW) {
    return error(
      isJson ? 400 : 403,
      isJson ? 'InvalidSignatureException' : 'SignatureDoesNotMatch',
      `Signature expired: ${signature.timestamp} is not within 5 minutes of the current time`,
    );
  }
  if (!signature.verify(identity.keys.secretAccessKey)) {
    return error(
      isJson ? 400 : 403,
      isJson ? 'InvalidSignatureException' : 'SignatureDoesNotMatch',
      'The request signature we calculated does not match the signature you provided. Check your AWS Secret Access Key and signing method.',
    );
  }
  if (call.headers['x-amz-security-token'] !== identity.keys.sessionToken) {
    return error(
      isJson ? 400 : 403,
      isJson ? 'UnrecognizedClientException' : 'InvalidClientTokenId',
      'The security token included in the request is invalid.',
    );
  }
  if (identities.isExpired(identity)) {
    return error(
      isJson ? 400 : 403,
      isJson ? 'ExpiredTokenException' : 'ExpiredToken',
      'The security token included in the request is expired',
    );
  }
  return { identity, region: signature.region };
}

function error(status: number, code: string, message: string): AwsError {
  return { status, code, message };
}
