import { json, type Answer, type Call } from '../http/http-message.ts';
import type { Blob, Image } from './image.ts';
import type { RegistryRequest } from './registry-log.ts';
import { tokenId, type RegistryToken, type Tokens } from '../ecr/tokens.ts';

interface Registry {
  readonly account: string;
  readonly region: string;
}

const VERSION = { 'docker-distribution-api-version': 'registry/2.0' };

/**
 * The reading part of the OCI distribution protocol, for one image under every name. A request needs a token that ECR
 * has issued for this registry and that has not expired. The `Host` header names the registry, or the parameter
 * `ns` that containerd adds for a mirror. A host that is not an ECR registry, such as loopback, accepts the tokens
 * of all registries.
 */
export function answerRegistry(
  call: Call,
  image: Image,
  tokens: Tokens,
): { answer: Answer; line: Omit<RegistryRequest, 'at'> } {
  const host = call.url.searchParams.get('ns') ?? call.headers.host ?? '';
  const token = tokenOf(call.headers.authorization, tokens);
  const answer = answerTo(call, registryOf(host), token, image, tokens);
  const { method, url } = call;
  const line = { method, path: url.pathname, host, status: answer.status };
  return { answer, line: { ...line, ...(token && { token: tokenId(token.password) }) } };
}

function answerTo(
  call: Call,
  registry: Registry | undefined,
  token: RegistryToken | undefined,
  image: Image,
  tokens: Tokens,
): Answer {
  if (token === undefined || (registry !== undefined && registry.region !== token.region)) {
    return unauthorized(call, 'UNAUTHORIZED', 'Not Authorized');
  }
  if (tokens.isExpired(token)) {
    return unauthorized(
      call,
      'DENIED',
      'Your authorization token has expired. Reauthenticate and try again.',
    );
  }
  const { method, url } = call;
  if (method !== 'GET' && method !== 'HEAD') return problem(405, 'UNSUPPORTED');
  if (url.pathname === '/v2/') return json(200, {}, VERSION);
  if (registry !== undefined && registry.account !== token.account) return problem(403, 'DENIED');
  return content(url.pathname, image);
}

function content(pathname: string, image: Image): Answer {
  const [, kind, reference = ''] = /^\/v2\/.+\/(manifests|blobs)\/([^/]+)$/.exec(pathname) ?? [];
  const found =
    kind === 'manifests'
      ? manifest(image, reference)
      : image.blobs.find(({ digest }) => digest === reference);
  if (found === undefined) return problem(404, kind === 'manifests' ? 'MANIFEST_UNKNOWN' : 'BLOB_UNKNOWN');
  return {
    status: 200,
    headers: { ...VERSION, 'content-type': found.mediaType, 'docker-content-digest': found.digest },
    body: found.content,
  };
}

function manifest({ manifest }: Image, reference: string): Blob | undefined {
  return !reference.startsWith('sha256:') || reference === manifest.digest ? manifest : undefined;
}

function tokenOf(authorization: string | undefined, tokens: Tokens): RegistryToken | undefined {
  const [scheme, value = ''] = authorization?.split(' ') ?? [];
  if (scheme?.toLowerCase() !== 'basic') return undefined;
  const [username = '', ...password] = Buffer.from(value, 'base64').toString().split(':');
  return tokens.find(username, password.join(':'));
}

function registryOf(host: string): Registry | undefined {
  const [, account, region] = /^(\d{12})\.dkr[.-]ecr(?:-fips)?\.([a-z0-9-]+)\./.exec(host) ?? [];
  return account !== undefined && region !== undefined ? { account, region } : undefined;
}

function unauthorized({ headers }: Call, code: string, message: string): Answer {
  const challenge = `Basic realm="https://${headers.host ?? ''}/",service="ecr.amazonaws.com"`;
  return json(401, { errors: [{ code, message }] }, { ...VERSION, 'www-authenticate': challenge });
}

function problem(status: number, code: string): Answer {
  return json(status, { errors: [{ code, message: code.toLowerCase().replaceAll('_', ' ') }] }, VERSION);
}
