import { createHash, createHmac, timingSafeEqual } from 'node:crypto';
import type { Call } from '../http/http-message.ts';

/** The content of an `Authorization` header. */
export interface SignedBy {
  readonly accessKeyId: string;
  /** The date of the credential scope, such as `20260102`. */
  readonly date: string;
  readonly region: string;
  readonly service: string;
  /** Lower case. */
  readonly signedHeaders: readonly string[];
  /** `20260102T030405Z` */
  readonly timestamp: string;
  /** Whether the request was signed with this key. */
  verify(secretAccessKey: string): boolean;
}

const AUTHORIZATION =
  /^AWS4-HMAC-SHA256 Credential=([^/]+)\/(\d{8})\/([^/]+)\/([^/]+)\/aws4_request, ?SignedHeaders=([^,]+), ?Signature=([0-9a-f]{64})$/;

/**
 * Reads an AWS Signature Version 4.
 *
 * @see https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html
 */
export function readSignature(call: Call): SignedBy | undefined {
  const match = AUTHORIZATION.exec(call.headers.authorization ?? '');
  const timestamp = call.headers['x-amz-date'];
  if (match === null || typeof timestamp !== 'string') return undefined;
  const [, accessKeyId = '', date = '', region = '', service = '', signedHeaders = '', signature = ''] =
    match;
  const scope = `${date}/${region}/${service}/aws4_request`;
  return {
    accessKeyId,
    date,
    region,
    service,
    signedHeaders: signedHeaders.split(';'),
    timestamp,
    verify(secretAccessKey) {
      const text = ['AWS4-HMAC-SHA256', timestamp, scope, sha256(canonicalRequest(call, signedHeaders))].join(
        '\n',
      );
      const key = [date, region, service, 'aws4_request'].reduce<Buffer | string>(
        hmac,
        `AWS4${secretAccessKey}`,
      );
      return timingSafeEqual(hmac(key, text), Buffer.from(signature, 'hex'));
    },
  };
}

/** A time in the format of signatures. */
export function basicTime(time: number): string {
  return new Date(time).toISOString().replace(/[-:]|\.\d+/g, '');
}

/** The time of a signature in milliseconds since 1970; NaN if it is invalid. */
export function signedAt(timestamp: string): number {
  if (!/^\d{8}T\d{6}Z$/.test(timestamp)) return NaN;
  return Date.parse(timestamp.replace(/(..)(..)T(..)(..)/, '-$1-$2T$3:$4:'));
}

function canonicalRequest({ method, url, headers, body }: Call, signedHeaders: string): string {
  const query = [...url.searchParams]
    .map(([name, value]) => `${encode(name)}=${encode(value)}`)
    .sort()
    .join('&');
  const lines = signedHeaders.split(';').map(
    (name) =>
      `${name}:${String(headers[name] ?? '')
        .trim()
        .replace(/\s+/g, ' ')}\n`,
  );
  return [method, url.pathname, query, lines.join(''), signedHeaders, sha256(body)].join('\n');
}

function encode(text: string): string {
  return encodeURIComponent(text).replace(
    /[!'()*]/g,
    (char) => `%${char.charCodeAt(0).toString(16).toUpperCase()}`,
  );
}

function sha256(content: string | Buffer): string {
  return createHash('sha256').update(content).digest('hex');
}

function hmac(key: string | Buffer, text: string): Buffer {
  return createHmac('sha256', key).update(text).digest();
}
