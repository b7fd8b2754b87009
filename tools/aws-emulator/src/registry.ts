import { json, type Answer, type Call } from './http-message.ts';
import type { Blob, Image } from './image.ts';
import type { Tokens } from './tokens.ts';

/**
 * The reading half of the OCI distribution protocol, for one image under every name: a request needs a token that ECR
 * has issued and that has not ended.
 */
export function answerRegistry(
  { method, url, headers }: Call,
  image: Image,
  tokens: Tokens,
  realm: string,
): Answer {
  if (!isAuthorized(headers.authorization, tokens)) {
    return json(
      401,
      {
        errors: [
          { code: 'DENIED', message: 'Your authorization token has expired. Reauthenticate and try again.' },
        ],
      },
      { 'www-authenticate': `Basic realm="${realm}",service="ecr.amazonaws.com"`, ...VERSION },
    );
  }
  if (method !== 'GET' && method !== 'HEAD') return json(405, problem('UNSUPPORTED'), VERSION);
  if (url.pathname === '/v2/') return json(200, {}, VERSION);
  const [, kind, reference = ''] = /^\/v2\/.+\/(manifests|blobs)\/([^/]+)$/.exec(url.pathname) ?? [];
  const found =
    kind === 'manifests'
      ? manifest(image, reference)
      : image.blobs.find(({ digest }) => digest === reference);
  if (found === undefined)
    return json(404, problem(kind === 'manifests' ? 'MANIFEST_UNKNOWN' : 'BLOB_UNKNOWN'), VERSION);
  return {
    status: 200,
    headers: { ...VERSION, 'content-type': found.mediaType, 'docker-content-digest': found.digest },
    body: method === 'HEAD' ? '' : found.content,
  };
}

const VERSION = { 'docker-distribution-api-version': 'registry/2.0' };

function manifest({ manifest }: Image, reference: string): Blob | undefined {
  return !reference.startsWith('sha256:') || reference === manifest.digest ? manifest : undefined;
}

function isAuthorized(authorization: string | undefined, tokens: Tokens): boolean {
  const [scheme, value = ''] = authorization?.split(' ') ?? [];
  if (scheme?.toLowerCase() !== 'basic') return false;
  const [username = '', ...password] = Buffer.from(value, 'base64').toString().split(':');
  return tokens.accepts(username, password.join(':'));
}

function problem(code: string) {
  return { errors: [{ code, message: code.toLowerCase().replaceAll('_', ' ') }] };
}
