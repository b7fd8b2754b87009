import { Admission } from './admission/admission.ts';
import type { WebhookClient } from './admission/webhook-client.ts';
import { noSuchResource } from './api-error.ts';
import { NamespaceController } from './namespace-controller.ts';
import { NAMESPACES } from './objects/namespace.ts';
import type { Stored } from './objects/object.ts';
import { SECRETS } from './objects/secret.ts';
import { WEBHOOK_CONFIGURATIONS } from './objects/webhook-configuration.ts';
import { ResourceApi, type ApiReply, type ApiRequest } from './resource-api.ts';
import type { ListOrder } from './storage/list-order.ts';
import { Revisions, Store } from './storage/store.ts';

const SECRET_PATH = /^\/api\/v1(?:\/namespaces\/([^/]+))?\/secrets(?:\/([^/]+))?$/;
const NAMESPACE_PATH = /^\/api\/v1\/namespaces(?:\/([^/]+))?$/;
const CONFIGURATION_PATH =
  /^\/apis\/admissionregistration\.k8s\.io\/v1\/mutatingwebhookconfigurations(?:\/([^/]+))?$/;

/** Namespaces, Secrets and webhook configurations. */
export class Api {
  readonly #revisions = new Revisions();
  readonly admission: Admission;
  readonly #namespaces: ResourceApi;
  readonly #secrets: ResourceApi;
  readonly #configurations: ResourceApi;
  readonly #controller: NamespaceController;

  constructor(client: WebhookClient, order: ListOrder) {
    const namespaces = new Store(order);
    const configurations = new Store(order);
    this.admission = new Admission(
      {
        configurations: () =>
          configurations
            .now()
            .page('', '', Infinity, () => true)
            .items.toSorted(byName),
        namespace: (name) => namespaces.get(name),
      },
      client,
    );
    const resource = (kind: ResourceApi['resource'], store: Store) =>
      new ResourceApi(kind, store, this.#revisions, this.admission, namespaces);
    this.#namespaces = resource(NAMESPACES, namespaces);
    this.#secrets = resource(SECRETS, new Store(order));
    this.#configurations = resource(WEBHOOK_CONFIGURATIONS, configurations);
    this.#controller = new NamespaceController(this.#namespaces, this.#secrets, this.#revisions);
  }

  /** Makes what is there from the start. */
  async prepare(): Promise<void> {
    for (const name of ['default', 'kube-node-lease', 'kube-public', 'kube-system']) {
      const body = Buffer.from(JSON.stringify({ metadata: { name } }));
      const url = new URL('http://cluster/');
      await this.#namespaces.answer(
        { method: 'POST', url, accept: '', contentType: '', body },
        '',
        undefined,
      );
    }
  }

  /** @throws ApiError */
  async answer(request: ApiRequest): Promise<ApiReply> {
    const { pathname } = request.url;
    if (['/readyz', '/livez', '/healthz'].includes(pathname)) return plain(200, 'ok');
    if (pathname === '/version')
      return { code: 200, body: JSON.stringify({ major: '1', minor: '36', gitVersion: 'v1.36.0-embedded' }) };
    const secret = SECRET_PATH.exec(pathname);
    if (secret !== null) {
      const reply = await this.#secrets.answer(request, secret[1] ?? '', secret[2]);
      if (request.method !== 'GET') this.#controller.notice(secret[1] ?? '');
      return reply;
    }
    const namespace = NAMESPACE_PATH.exec(pathname);
    if (namespace !== null) {
      const reply = await this.#namespaces.answer(request, '', namespace[1]);
      if (request.method === 'DELETE') this.#controller.notice(namespace[1] ?? '');
      return reply;
    }
    const configuration = CONFIGURATION_PATH.exec(pathname);
    if (configuration !== null) return this.#configurations.answer(request, '', configuration[1]);
    if (/^\/(api\/v1|apis\/admissionregistration\.k8s\.io\/v1)\//.test(pathname)) throw noSuchResource();
    return plain(404, '404 page not found\n');
  }

  stop(): void {
    this.#controller.stop();
  }
}

/** The API server calls webhooks in this order, however its storage lists them. */
function byName({ metadata: { name: a } }: Stored, { metadata: { name: b } }: Stored): number {
  return a < b ? -1 : Number(a > b);
}

function plain(code: number, body: string): ApiReply {
  return { code, body, contentType: 'text/plain; charset=utf-8' };
}
