import { Admission } from '../admission/admission.ts';
import type { WebhookClient } from '../admission/webhook-client.ts';
import { WEBHOOK_CONFIGURATIONS } from '../admission/webhook-configuration.ts';
import { noSuchResource } from '../objects/api-error.ts';
import { CONFIG_MAPS } from '../objects/config-map.ts';
import { NAMESPACES } from '../objects/namespace.ts';
import type { Stored } from '../objects/object.ts';
import { SECRETS } from '../objects/secret.ts';
import type { ListOrder } from '../storage/list-order.ts';
import { Revisions, Store } from '../storage/store.ts';
import { ResourceApi, type ApiReply, type ApiRequest } from './resource-api.ts';

const PATHS = {
  secrets: /^\/api\/v1(?:\/namespaces\/([^/]+))?\/secrets(?:\/([^/]+))?$/,
  configMaps: /^\/api\/v1(?:\/namespaces\/([^/]+))?\/configmaps(?:\/([^/]+))?$/,
  namespaces: /^\/api\/v1\/namespaces()(?:\/([^/]+))?$/,
  configurations:
    /^\/apis\/admissionregistration\.k8s\.io\/v1\/mutatingwebhookconfigurations()(?:\/([^/]+))?$/,
};

/** Namespaces, Secrets, ConfigMaps and webhook configurations. */
export class Api {
  readonly #resources: Readonly<Record<keyof typeof PATHS, ResourceApi>>;

  constructor(client: WebhookClient, order: ListOrder) {
    const revisions = new Revisions();
    const namespaces = new Store(order);
    const configurations = new Store(order);
    const context = {
      configurations: () => configurations.all().toSorted(byName),
      namespace: (name: string) => namespaces.get(name),
    };
    const admission = new Admission(context, client);
    this.#resources = {
      secrets: new ResourceApi(SECRETS, new Store(order), revisions, admission, namespaces),
      configMaps: new ResourceApi(CONFIG_MAPS, new Store(order), revisions, admission, namespaces),
      namespaces: new ResourceApi(NAMESPACES, namespaces, revisions, admission, namespaces),
      configurations: new ResourceApi(
        WEBHOOK_CONFIGURATIONS,
        configurations,
        revisions,
        admission,
        namespaces,
      ),
    };
  }

  /** Creates the namespaces that every cluster has. */
  async prepare(): Promise<void> {
    for (const name of ['default', 'kube-node-lease', 'kube-public', 'kube-system']) {
      const body = Buffer.from(JSON.stringify({ metadata: { name } }));
      const url = new URL('http://cluster/api/v1/namespaces');
      await this.answer({ method: 'POST', url, accept: '', contentType: '', body });
    }
  }

  /** @throws ApiError */
  async answer(request: ApiRequest): Promise<ApiReply> {
    for (const resource of ['secrets', 'configMaps', 'namespaces', 'configurations'] as const) {
      const match = PATHS[resource].exec(request.url.pathname);
      if (match !== null) return this.#resources[resource].answer(request, match[1] ?? '', match[2]);
    }
    throw noSuchResource();
  }
}

/** The API server calls webhooks in this order, even if its storage lists them in another order. */
function byName({ metadata: { name: a } }: Stored, { metadata: { name: b } }: Stored): number {
  return a < b ? -1 : Number(a > b);
}
