import type { Admission } from './admission/admission.ts';
import { methodNotAllowed, noSuchResource, notFound } from './api-error.ts';
import { negotiate } from './negotiation.ts';
import type { ApiObject, Stored } from './objects/object.ts';
import type { Resource } from './objects/resource.ts';
import { patchKind, requireJson, writeOptions } from './request-options.ts';
import { Deletes } from './storage/deletes.ts';
import { encoded, encodedItem, encodedMetadata } from './storage/encoding.ts';
import { list, selected, type ListOptions } from './storage/list.ts';
import type { Revisions, Store } from './storage/store.ts';
import { Writes, type Written } from './storage/writes.ts';

/** A request for the API. */
export interface ApiRequest {
  readonly method: string;
  readonly url: URL;
  readonly accept: string;
  /** Without parameters; empty where there is none. */
  readonly contentType: string;
  readonly body: Buffer;
}

/** What is answered; failures are thrown as ApiError. */
export interface ApiReply {
  readonly code: number;
  /** JSON, unless contentType says otherwise. */
  readonly body: string;
  readonly contentType?: string;
  readonly warnings?: readonly string[];
}

/** Everything that one can do to the objects of one resource. */
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
    this.#deletes = new Deletes(resource, store, revisions, admission);
  }

  /** @param namespace empty for all of them, and for what is in none */
  async answer(request: ApiRequest, namespace: string, name: string | undefined): Promise<ApiReply> {
    if (name === undefined) return this.#forAll(request, namespace);
    if (this.resource.namespaced && namespace === '') throw noSuchResource();
    return this.#forOne(request, namespace, name);
  }

  /** Deletes what is selected. @returns what that was */
  async deleteAll(query: URLSearchParams, namespace: string): Promise<readonly Stored[]> {
    const items = selected(this.#listOptions(query, namespace));
    for (const { metadata } of items)
      await this.#deletes.delete(metadata.namespace ?? '', metadata.name, Buffer.alloc(0), false);
    return items;
  }

  isAnyIn(namespace: string): boolean {
    return selected(this.#listOptions(new URLSearchParams(), namespace)).length > 0;
  }

  async #forAll(
    { method, url, accept, contentType, body }: ApiRequest,
    namespace: string,
  ): Promise<ApiReply> {
    const { kind, namespaced } = this.resource;
    switch (method) {
      case 'GET': {
        const metadataOnly = negotiate(accept, true, kind) === 'metadata';
        const options = { ...this.#listOptions(url.searchParams, namespace), metadataOnly };
        return { code: 200, body: list(options) };
      }
      case 'POST': {
        if (namespaced && namespace === '') throw methodNotAllowed();
        requireJson(contentType);
        const options = writeOptions(url.searchParams, 'CreateOptions');
        return this.#reply(201, accept, await this.#writes.create(namespace, body, options));
      }
      case 'DELETE': {
        const items = await this.deleteAll(url.searchParams, namespace);
        const metadata = JSON.stringify({ resourceVersion: String(this.revisions.last) });
        const { apiVersion } = this.resource;
        const texts = items.map(encodedItem).join(',');
        return {
          code: 200,
          body: `{"kind":"${kind}List","apiVersion":"${apiVersion}","metadata":${metadata},"items":[${texts}]}`,
        };
      }
      default:
        throw methodNotAllowed();
    }
  }

  async #forOne(request: ApiRequest, namespace: string, name: string): Promise<ApiReply> {
    const { method, url, accept, contentType, body } = request;
    const { searchParams: query } = url;
    switch (method) {
      case 'GET': {
        const object = this.store.get(this.resource.namespaced ? `${namespace}/${name}` : name);
        if (object === undefined) throw notFound(this.resource, name);
        return this.#reply(200, accept, { object, warnings: [] });
      }
      case 'PUT': {
        requireJson(contentType);
        const options = writeOptions(query, 'UpdateOptions');
        return this.#reply(200, accept, await this.#writes.replace(namespace, name, body, options));
      }
      case 'PATCH': {
        const kind = patchKind(contentType);
        const options = writeOptions(query, 'PatchOptions');
        return this.#reply(200, accept, await this.#writes.patch(namespace, name, kind, body, options));
      }
      case 'DELETE': {
        const { dryRun } = writeOptions(query, 'DeleteOptions');
        return { code: 200, body: await this.#deletes.delete(namespace, name, body, dryRun) };
      }
      default:
        throw methodNotAllowed();
    }
  }

  #reply(code: number, accept: string, { object, warnings }: Written): ApiReply {
    return { code, body: this.#represent(object, accept), warnings };
  }

  #represent(object: ApiObject, accept: string): string {
    return negotiate(accept, false, this.resource.kind) === 'metadata'
      ? encodedMetadata(object)
      : encoded(this.resource, object);
  }

  #listOptions(query: URLSearchParams, namespace: string): ListOptions {
    return {
      resource: this.resource,
      store: this.store,
      prefix: namespace === '' ? '' : `${namespace}/`,
      query,
      revision: this.revisions.last,
      metadataOnly: false,
    };
  }
}
