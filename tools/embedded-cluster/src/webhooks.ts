import { randomUUID } from 'node:crypto';
import { ApiError, badRequest } from './api-error.ts';
import { matchConditions, type MatchCondition } from './match-conditions.ts';
import type { ApiObject, Stored } from './objects.ts';
import { jsonPatch } from './patches.ts';
import { labelSelector, type LabelSelector, type Labels } from './selectors.ts';
import { WebhookClient } from './webhook-client.ts';

/** What a `MutatingWebhookConfiguration` says about one webhook. */
interface Webhook {
  readonly name: string;
  readonly clientConfig: { readonly url?: string; readonly caBundle?: string };
  readonly rules?: readonly {
    operations: readonly string[];
    apiGroups: readonly string[];
    apiVersions: readonly string[];
    resources: readonly string[];
  }[];
  readonly namespaceSelector?: LabelSelector;
  readonly objectSelector?: LabelSelector;
  readonly matchConditions?: readonly MatchCondition[];
  readonly failurePolicy?: 'Fail' | 'Ignore';
  readonly timeoutSeconds?: number;
  readonly admissionReviewVersions?: readonly string[];
}

/** A write on its way. */
export interface Write<T extends ApiObject = ApiObject> {
  readonly operation: 'CREATE' | 'UPDATE';
  readonly object: T;
  readonly oldObject?: Stored | undefined;
  readonly namespace: string;
  readonly namespaceLabels: Labels;
  readonly dryRun: boolean;
}

/** An object after admission, and what the webhooks want the client to know. */
export interface Admitted<T> {
  readonly object: T;
  readonly warnings: readonly string[];
}

interface ReviewAnswer {
  readonly apiVersion?: string;
  readonly kind?: string;
  readonly response?: {
    readonly uid?: string;
    readonly allowed?: boolean;
    readonly status?: { readonly code?: number; readonly reason?: string; readonly message?: string };
    readonly patchType?: string;
    readonly patch?: string;
    readonly warnings?: readonly string[];
  };
}

/** Calls mutating webhooks on writes of Secrets. */
export class Webhooks {
  readonly #client = new WebhookClient();
  #calls = 0;

  constructor(private readonly configurations: () => readonly ApiObject[]) {}

  /** How many reviews were sent. */
  get calls(): number {
    return this.#calls;
  }

  /** @throws ApiError where a configuration cannot be worked with. */
  check(configuration: ApiObject): void {
    for (const webhook of webhooksOf(configuration)) {
      if (!URL.canParse(webhook.clientConfig?.url ?? '')) {
        throw badRequest(`webhooks[${webhook.name}].clientConfig.url: the embedded cluster needs a URL`);
      }
      try {
        matchConditions(webhook.matchConditions);
      } catch (error) {
        throw badRequest((error as Error).message);
      }
    }
  }

  async admit<T extends ApiObject>(write: Write<T>): Promise<Admitted<T>> {
    let admitted: Admitted<T> = { object: write.object, warnings: [] };
    for (const webhook of this.configurations().flatMap(webhooksOf)) {
      const current = { ...write, object: admitted.object };
      if (!isMeant(webhook, current)) continue;
      const { object, warnings } = await this.#call(webhook, current);
      admitted = { object, warnings: [...admitted.warnings, ...warnings] };
    }
    return admitted;
  }

  stop(): void {
    this.#client.stop();
  }

  async #call<T extends ApiObject>(webhook: Webhook, write: Write<T>): Promise<Admitted<T>> {
    this.#calls += 1;
    const review = reviewOf(webhook, write);
    const { clientConfig, timeoutSeconds = 10 } = webhook;
    const ca = Buffer.from(clientConfig.caBundle ?? '', 'base64').toString();
    try {
      const { status, body } = await this.#client.post(
        new URL(clientConfig.url ?? ''),
        ca,
        JSON.stringify(review),
        timeoutSeconds,
      );
      if (status !== 200)
        throw new Error(
          `an error on the server (${JSON.stringify(body.slice(0, 200))}) has prevented the request from succeeding`,
        );
      return conclude(webhook, write.object, review, JSON.parse(body) as ReviewAnswer);
    } catch (error) {
      if (error instanceof ApiError) throw error;
      if (webhook.failurePolicy === 'Ignore') return { object: write.object, warnings: [] };
      const why = `failed calling webhook "${webhook.name}": failed to call webhook: ${(error as Error).message}`;
      throw new ApiError(500, 'InternalError', `Internal error occurred: ${why}`);
    }
  }
}

function conclude<T>(
  { name }: Webhook,
  object: T,
  review: ReturnType<typeof reviewOf>,
  answer: ReviewAnswer,
): Admitted<T> {
  const { response } = answer;
  if (answer.apiVersion !== review.apiVersion || answer.kind !== 'AdmissionReview') {
    throw new Error(`expected webhook response of ${review.apiVersion}, Kind=AdmissionReview`);
  }
  if (response?.uid !== review.request.uid)
    throw new Error('expected response.uid to be the one of the request');
  if (response.allowed !== true) throw denial(name, response.status);
  const warnings = response.warnings ?? [];
  if (response.patch === undefined) return { object, warnings };
  if (response.patchType !== 'JSONPatch')
    throw new Error(`webhook returned response.patch but not response.patchType=JSONPatch`);
  const patch = JSON.parse(Buffer.from(response.patch, 'base64').toString()) as unknown[];
  return { object: jsonPatch(object, patch), warnings };
}

/** As `ToStatusErr` of k8s.io/apiserver words it. */
function denial(name: string, { code = 0, reason = '', message = '' } = {}): ApiError {
  const denied = `admission webhook "${name}" denied the request`;
  const why = message || reason;
  return new ApiError(
    Math.max(400, code),
    reason,
    why ? `${denied}: ${why}` : `${denied} without explanation`,
  );
}

function isMeant(webhook: Webhook, { operation, object, oldObject, namespaceLabels }: Write): boolean {
  const { rules = [], namespaceSelector, objectSelector } = webhook;
  const isRuled = rules.some(
    (rule) =>
      has(rule.operations, operation) &&
      has(rule.apiGroups, '') &&
      has(rule.apiVersions, 'v1') &&
      has(rule.resources, 'secrets'),
  );
  if (!isRuled || !labelSelector(namespaceSelector)(namespaceLabels)) return false;
  const isSelected = labelSelector(objectSelector);
  // Either the object before or after is enough, so that nobody escapes by taking a label off.
  if (!isSelected(object.metadata?.labels) && !(oldObject && isSelected(oldObject.metadata.labels)))
    return false;
  return matchConditions(webhook.matchConditions)(object);
}

function has(values: readonly string[], value: string): boolean {
  return values.includes(value) || values.includes('*');
}

function reviewOf({ admissionReviewVersions = ['v1'] }: Webhook, write: Write) {
  const { operation, object, oldObject, namespace, dryRun } = write;
  const kind = { group: '', version: 'v1', kind: 'Secret' };
  const resource = { group: '', version: 'v1', resource: 'secrets' };
  const typed = (value: ApiObject) => ({ kind: 'Secret', apiVersion: 'v1', ...value });
  return {
    kind: 'AdmissionReview',
    apiVersion: `admission.k8s.io/${admissionReviewVersions[0]}`,
    request: {
      uid: randomUUID() as string,
      kind,
      resource,
      requestKind: kind,
      requestResource: resource,
      // Before the API server has made a name up there is none.
      ...(object.metadata?.name !== undefined && { name: object.metadata.name }),
      namespace,
      operation,
      userInfo: { username: 'admin', groups: ['system:masters', 'system:authenticated'] },
      object: typed(object),
      oldObject: oldObject === undefined ? null : typed(oldObject),
      dryRun,
      options: {
        kind: operation === 'CREATE' ? 'CreateOptions' : 'UpdateOptions',
        apiVersion: 'meta.k8s.io/v1',
      },
    },
  };
}

function webhooksOf(configuration: ApiObject): readonly Webhook[] {
  return (configuration['webhooks'] as readonly Webhook[] | undefined) ?? [];
}
