import { alreadyExists, ApiError, notFound } from './api-error.ts';
import { list, metadataOf } from './lists.ts';
import type { ApiObject, Secret } from './objects.ts';
import { mergePatch } from './patches.ts';
import { SecretWrites } from './secret-writes.ts';
import { Store } from './store.ts';
import { Webhooks, type Admitted } from './webhooks.ts';

/** A request for the API, read. */
export interface ApiRequest {
  readonly method: string;
  readonly url: URL;
  readonly accept: string;
  readonly contentType: string;
  /** Parsed JSON; undefined without a body. */
  readonly body: unknown;
}

/** What is answered; failures are thrown as ApiError. */
export interface ApiReply {
  readonly code: number;
  readonly body: object;
  readonly warnings?: readonly string[];
}

const SECRETS = /^\/api\/v1(?:\/namespaces\/([^/]+))?\/secrets(?:\/([^/]+))?$/;
const NAMESPACES = /^\/api\/v1\/namespaces(?:\/([^/]+))?$/;
const CONFIGURATIONS =
  /^\/apis\/admissionregistration\.k8s\.io\/v1\/mutatingwebhookconfigurations(?:\/([^/]+))?$/;

/** Namespaces, Secrets and webhook configurations. */
export class Api {
  #version = 1;
  readonly #nextVersion = () => String(++this.#version);
  readonly namespaces = new Store(this.#nextVersion);
  readonly secrets = new Store(this.#nextVersion);
  readonly #configurations = new Store(this.#nextVersion);
  readonly webhooks = new Webhooks(() => this.#configurations.list('', () => true).items);
  readonly #writes = new SecretWrites(this.secrets, this.namespaces, this.webhooks);

  constructor() {
    for (const name of ['default', 'kube-system']) this.#createNamespace({ metadata: { name } });
  }

  async answer(request: ApiRequest): Promise<ApiReply> {
    const { pathname } = request.url;
    if (pathname === '/readyz' || pathname === '/livez') return { code: 200, body: {} };
    if (pathname === '/version')
      return { code: 200, body: { major: '1', minor: '36', gitVersion: 'v1.36.0-embedded' } };
    const secrets = SECRETS.exec(pathname);
    if (secrets) return this.#forSecrets(request, secrets[1], secrets[2]);
    const namespaces = NAMESPACES.exec(pathname);
    if (namespaces) return this.#forNamespaces(request, namespaces[1]);
    const configurations = CONFIGURATIONS.exec(pathname);
    if (configurations) return this.#forConfigurations(request, configurations[1]);
    throw new ApiError(404, 'NotFound', 'the server could not find the requested resource');
  }

  async #forSecrets(request: ApiRequest, namespace?: string, name?: string): Promise<ApiReply> {
    const { method, body } = request;
    const dryRun = request.url.searchParams.get('dryRun') === 'All';
    if (name === undefined) {
      if (method === 'GET')
        return this.#list(request, this.secrets, 'Secret', namespace === undefined ? '' : `${namespace}/`);
      if (method === 'POST' && namespace !== undefined) {
        return reply(201, request, await this.#writes.create(namespace, body as Secret, dryRun), 'Secret');
      }
      throw methodNotAllowed();
    }
    const place = namespace ?? '';
    switch (method) {
      case 'GET': {
        const secret = this.secrets.get(`${place}/${name}`);
        if (secret === undefined) throw notFound('secrets', name);
        return reply(200, request, { object: secret, warnings: [] }, 'Secret');
      }
      case 'PUT':
        return reply(200, request, await this.#writes.replace(place, name, body as Secret, dryRun), 'Secret');
      case 'PATCH':
        return reply(
          200,
          request,
          await this.#writes.patch(place, name, patchKind(request), body, dryRun),
          'Secret',
        );
      case 'DELETE':
        return { code: 200, body: this.#writes.delete(place, name) };
      default:
        throw methodNotAllowed();
    }
  }

  #forNamespaces(request: ApiRequest, name: string | undefined): ApiReply {
    const { method, body } = request;
    if (name === undefined) {
      if (method === 'GET') return this.#list(request, this.namespaces, 'Namespace', '');
      if (method === 'POST') return { code: 201, body: this.#createNamespace(body as ApiObject) };
      throw methodNotAllowed();
    }
    const namespace = this.namespaces.get(name);
    if (namespace === undefined) throw notFound('namespaces', name);
    switch (method) {
      case 'GET':
        return reply(200, request, { object: namespace, warnings: [] }, 'Namespace');
      case 'PATCH': {
        const changed = mergePatch(namespace, body) as typeof namespace;
        return { code: 200, body: this.namespaces.replace(name, changed) };
      }
      case 'DELETE':
        for (const { metadata } of this.secrets.list(`${name}/`, () => true).items)
          this.secrets.delete(`${name}/${metadata.name}`);
        this.namespaces.delete(name);
        return { code: 200, body: namespace };
      default:
        throw methodNotAllowed();
    }
  }

  #forConfigurations({ method, body }: ApiRequest, name: string | undefined): ApiReply {
    if (name === undefined && method === 'POST') {
      const configuration = body as ApiObject;
      const given = configuration.metadata?.name ?? '';
      this.webhooks.check(configuration);
      if (this.#configurations.get(given))
        throw alreadyExists('mutatingwebhookconfigurations.admissionregistration.k8s.io', given);
      return { code: 201, body: this.#configurations.create(given, configuration) };
    }
    const found = this.#configurations.get(name ?? '');
    if (found === undefined)
      throw notFound('mutatingwebhookconfigurations.admissionregistration.k8s.io', name ?? '');
    if (method === 'DELETE') {
      this.#configurations.delete(name ?? '');
      return { code: 200, body: { kind: 'Status', apiVersion: 'v1', status: 'Success' } };
    }
    if (method === 'PUT') {
      this.webhooks.check(body as ApiObject);
      return {
        code: 200,
        body: this.#configurations.replace(name ?? '', { ...(body as ApiObject), metadata: found.metadata }),
      };
    }
    return { code: 200, body: found };
  }

  #list(request: ApiRequest, store: Store, kind: string, prefix: string): ApiReply {
    const { searchParams: query } = request.url;
    const metadataOnly = request.accept.includes('as=PartialObjectMetadataList');
    return {
      code: 200,
      body: list({ store, kind, prefix, query, resourceVersion: String(this.#version), metadataOnly }),
    };
  }

  #createNamespace(namespace: ApiObject): ApiObject {
    const name = namespace.metadata?.name ?? '';
    if (!/^[a-z0-9]([-a-z0-9]*[a-z0-9])?$/.test(name))
      throw new ApiError(422, 'Invalid', `Namespace "${name}" is invalid: metadata.name`);
    if (this.namespaces.get(name) !== undefined) throw alreadyExists('namespaces', name);
    const labels = { ...namespace.metadata?.labels, 'kubernetes.io/metadata.name': name };
    return this.namespaces.create(name, { ...namespace, metadata: { ...namespace.metadata, labels } });
  }
}

function reply(
  code: number,
  { accept }: ApiRequest,
  { object, warnings }: Admitted<ApiObject>,
  kind: string,
): ApiReply {
  const isMetadata = accept.includes('as=PartialObjectMetadata');
  return { code, body: isMetadata ? metadataOf(object) : { kind, apiVersion: 'v1', ...object }, warnings };
}

function patchKind({ contentType }: ApiRequest): 'merge' | 'json' {
  switch (contentType) {
    case 'application/json-patch+json':
      return 'json';
    // For maps of strings, which is all that a Secret is made of, both mean the same.
    case 'application/merge-patch+json':
    case 'application/strategic-merge-patch+json':
      return 'merge';
    default:
      throw new ApiError(
        415,
        'UnsupportedMediaType',
        `the body of the request was in an unknown format - accepted media types include: application/json-patch+json, application/merge-patch+json, application/strategic-merge-patch+json`,
      );
  }
}

function methodNotAllowed(): ApiError {
  return new ApiError(
    405,
    'MethodNotAllowed',
    'the server does not allow this method on the requested resource',
  );
}
