import type { AwsError } from '../http/aws-error.ts';
import type { Call } from '../http/http-message.ts';
import type { Identities, Identity } from '../identities/identities.ts';
import { basicTime, readSignature, signedAt, type SignedBy } from './signature.ts';

/** The caller of a signed call, and its region. */
export interface Caller {
  readonly identity: Identity;
  readonly region: string;
}

const MINUTE = 60_000;

/** The differences of the two protocols: error codes, status, and the allowed clock skew in minutes. */
const PROTOCOLS = {
  json: {
    service: 'ecr',
    status: 400,
    minutes: 5,
    codes: {
      unsigned: 'MissingAuthenticationTokenException',
      incomplete: 'IncompleteSignatureException',
      unknown: 'UnrecognizedClientException',
      forged: 'InvalidSignatureException',
      expired: 'ExpiredTokenException',
    },
  },
  query: {
    service: 'sts',
    status: 403,
    minutes: 15,
    codes: {
      unsigned: 'MissingAuthenticationToken',
      incomplete: 'IncompleteSignature',
      unknown: 'InvalidClientTokenId',
      forged: 'SignatureDoesNotMatch',
      expired: 'ExpiredToken',
    },
  },
} as const;

type Mistake = keyof (typeof PROTOCOLS)['json']['codes'];

/**
 * Checks a call's signature as AWS does.
 *
 * @param now AWS's own time, in milliseconds since 1970
 */
export function authenticate(
  call: Call,
  identities: Identities,
  protocol: keyof typeof PROTOCOLS,
  now: number,
): Caller | AwsError {
  const { service, status, minutes, codes } = PROTOCOLS[protocol];
  const refuse = (kind: Mistake, message: string): AwsError => ({ status, code: codes[kind], message });

  if (call.headers.authorization === undefined) return refuse('unsigned', 'Missing Authentication Token');
  const signature = readSignature(call);
  if (signature === undefined) {
    return refuse('incomplete', 'Authorization header requires Credential, SignedHeaders and Signature.');
  }
  const identity = identities.find(signature.accessKeyId);
  // A session's key needs its session token, and a user's key must not have one.
  if (identity === undefined || call.headers['x-amz-security-token'] !== identity.keys.sessionToken) {
    return refuse('unknown', 'The security token included in the request is invalid.');
  }
  const problem = scopeProblem(signature, service) ?? timeProblem(signature.timestamp, now, minutes);
  if (problem !== undefined) return refuse('forged', problem);
  if (!signature.verify(identity.keys.secretAccessKey)) {
    return refuse(
      'forged',
      'The request signature we calculated does not match the signature you provided. ' +
        'Check your AWS Secret Access Key and signing method. Consult the service documentation for details.',
    );
  }
  if (identities.isExpired(identity)) {
    return refuse('expired', 'The security token included in the request is expired');
  }
  return { identity, region: signature.region };
}

function scopeProblem({ date, timestamp, service, signedHeaders }: SignedBy, expected: string) {
  if (service !== expected) return `Credential should be scoped to correct service: '${expected}'.`;
  if (!timestamp.startsWith(date)) {
    return `Date in Credential scope does not match YYYYMMDD from ISO-8601 version of date from HTTP: '${date}'.`;
  }
  const missing = ['host', 'x-amz-date'].find((name) => !signedHeaders.includes(name));
  return missing && `'${missing}' must be a 'SignedHeader' in the AWS Authorization.`;
}

function timeProblem(timestamp: string, now: number, minutes: number): string | undefined {
  const signed = signedAt(timestamp);
  if (Number.isNaN(signed)) return `Date must be in ISO-8601 'basic format'. Got '${timestamp}'.`;
  const limit = minutes * MINUTE;
  if (signed < now - limit) {
    return `Signature expired: ${timestamp} is now earlier than ${basicTime(now - limit)} (${basicTime(now)} - ${minutes} min.)`;
  }
  if (signed > now + limit) {
    return `Signature not yet current: ${timestamp} is still later than ${basicTime(now + limit)} (${basicTime(now)} + ${minutes} min.)`;
  }
  return undefined;
}
