import type { Admission } from '../admission/admission.ts';
import { ApiError, methodNotAllowed, notFound } from '../objects/api-error.ts';
import type { ApiObject } from '../objects/object.ts';
import type { Resource } from '../objects/resource.ts';
import { encoded, encodedMetadata } from '../storage/encoding.ts';
import { list } from '../storage/list.ts';
import type { Revisions, Store } from '../storage/store.ts';
import { Deletes } from './deletes.ts';
import { Writes, type PatchKind, type Written } from './writes.ts';

/** A request to the API. */
export interface ApiRequest {
  readonly method: string;
  readonly url: URL;
  readonly accept: string;
  /** Without parameters; empty if the header is absent. */
  readonly contentType: string;
  readonly body: Buffer;
}

/** The answer to a request. A failure is thrown as ApiError instead. */
export interface ApiReply {
  readonly code: number;
  /** JSON. */
  readonly body: string;
  readonly warnings?: readonly string[];
}

const PATCH_KINDS: Readonly<Record<string, PatchKind>> = {
  'application/json-patch+json': 'json',
  'application/merge-patch+json': 'merge',
};

/** The requests for one resource. */
export class ResourceApi {
  readonly #writes: Writes;
  readonly #deletes: Deletes;

  constructor(
    readonly resource: Resource,
    readonly store: Store,
    private readonly revisions: Revisions,
    admission: Admission,
    namespaces: Store,
  ) {
    this.#writes = new Writes(resource, store, revisions, admission, namespaces);
    this.#deletes = new Deletes(resource, store, revisions, admission, this.#writes);
  }

  /** @param namespace empty for all namespaces, and for a resource without a namespace */
  async answer(request: ApiRequest, namespace: string, name: string | undefined): Promise<ApiReply> {
    if (name === undefined) return this.#forCollection(request, namespace);
    if (this.resource.namespaced && namespace === '') throw methodNotAllowed();
    return this.#forObject(request, namespace, name);
  }

  async #forCollection({ method, url, accept, body }: ApiRequest, namespace: string): Promise<ApiReply> {
    const { resource, store } = this;
    const query = url.searchParams;
    if (method === 'GET') {
      const prefix = namespace === '' ? '' : `${namespace}/`;
      const revision = this.revisions.last;
      const metadataOnly = isMetadataOnly(accept);
      return { code: 200, body: list({ resource, store, prefix, query, revision, metadataOnly }) };
    }
    if (method !== 'POST' || (resource.namespaced && namespace === '')) throw methodNotAllowed();
    return this.#reply(201, accept, await this.#writes.create({ namespace, dryRun: isDryRun(query) }, body));
  }

  async #forObject(
    { method, url, accept, contentType, body }: ApiRequest,
    namespace: string,
    name: string,
  ): Promise<ApiReply> {
    const target = { namespace, name, dryRun: isDryRun(url.searchParams) };
    switch (method) {
      case 'GET': {
        const object = this.store.get(this.#writes.key(namespace, name));
        if (object === undefined) throw notFound(this.resource, name);
        return this.#reply(200, accept, { object, warnings: [] });
      }
      case 'PUT':
        return this.#reply(200, accept, await this.#writes.replace(target, body));
      case 'PATCH': {
        const kind = PATCH_KINDS[contentType];
        if (kind === undefined)
          throw new ApiError(415, 'UnsupportedMediaType', `no patch is "${contentType}"`);
        return this.#reply(200, accept, await this.#writes.patch(target, kind, body));
      }
      case 'DELETE':
        // This cluster has no controller that deletes the content of a namespace.
        if (this.resource.kind === 'Namespace') throw methodNotAllowed();
        return { code: 200, body: await this.#deletes.delete(target) };
      default:
        throw methodNotAllowed();
    }
  }

  #reply(code: number, accept: string, { object, warnings }: Written): ApiReply {
    return { code, body: this.#represent(object, accept), warnings };
  }

  #represent(object: ApiObject, accept: string): string {
    return isMetadataOnly(accept) ? encodedMetadata(object) : encoded(this.resource, object);
  }
}

function isDryRun(query: URLSearchParams): boolean {
  return query.get('dryRun') === 'All';
}

function isMetadataOnly(accept: string): boolean {
  return accept.includes('as=PartialObjectMetadata');
}
