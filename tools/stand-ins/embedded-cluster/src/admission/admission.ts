import { ApiError, internalError } from '../objects/api-error.ts';
import type { ApiObject } from '../objects/object.ts';
import { jsonPatch, JsonPatchError } from '../objects/patches.ts';
import { decode, DecodeError, type Resource } from '../objects/resource.ts';
import type { AdmissionRequest } from './admission-request.ts';
import { admissionReview } from './admission-review.ts';
import { webhooksOf, type MutatingWebhook } from './mutating-webhook.ts';
import { readAnswer } from './webhook-answer.ts';
import { CallingWebhookError, type WebhookClient } from './webhook-client.ts';
import { isSelected } from './webhook-selection.ts';

/** An object after admission, and the webhooks' warnings for the client. */
export interface Admitted {
  readonly object: ApiObject;
  readonly warnings: readonly string[];
}

/** What admission reads from the cluster. */
export interface AdmissionContext {
  /** In the order of their names. */
  configurations(): readonly ApiObject[];
  namespace(name: string): ApiObject | undefined;
}

/** Calls the mutating webhooks, one after the other, for writes of Secrets. */
export class Admission {
  constructor(
    private readonly context: AdmissionContext,
    private readonly client: WebhookClient,
  ) {}

  /** @throws ApiError if a webhook denies the request, or fails and its failurePolicy is `Fail` */
  async admit(resource: Resource, request: AdmissionRequest): Promise<Admitted> {
    const warnings: string[] = [];
    let { object } = request;
    const webhooks = resource.namespaced ? this.context.configurations().flatMap(webhooksOf) : [];
    const namespaceLabels = this.context.namespace(request.namespace)?.metadata.labels;
    for (const webhook of webhooks) {
      const current = { ...request, ...(object && { object }) };
      if (!isSelected(webhook, resource, current, namespaceLabels)) continue;
      try {
        object = await this.#call(webhook, resource, current, warnings);
      } catch (error) {
        const isIgnored = error instanceof CallingWebhookError && webhook.failurePolicy === 'Ignore';
        if (!isIgnored) throw toApiError(error, webhook, warnings);
      }
    }
    return { object: object ?? { metadata: {} }, warnings };
  }

  async #call(
    webhook: MutatingWebhook,
    resource: Resource,
    request: AdmissionRequest,
    warnings: string[],
  ): Promise<ApiObject | undefined> {
    const review = admissionReview(webhook, resource, request);
    const response = await this.client.post(webhook, JSON.stringify(review));
    const answer = readAnswer(webhook.name, review, response);
    warnings.push(...answer.warnings);
    if (answer.denial !== undefined) throw answer.denial;
    if (request.object === undefined || answer.patch === undefined) return request.object;
    return patchedObject(resource, request.object, answer.patch);
  }
}

/** A patch that fails is an error of the API server, whatever the failurePolicy. */
function patchedObject(resource: Resource, object: ApiObject, patch: unknown): ApiObject {
  const { kind, apiVersion } = resource;
  try {
    return decode(resource, jsonPatch({ kind, apiVersion, ...object }, patch));
  } catch (error) {
    if (error instanceof JsonPatchError || error instanceof DecodeError) throw internalError(error.message);
    throw error;
  }
}

function toApiError(error: unknown, { name }: MutatingWebhook, warnings: readonly string[]): unknown {
  const failure =
    error instanceof CallingWebhookError
      ? internalError(`failed calling webhook "${name}": ${error.message}`)
      : error;
  if (failure instanceof ApiError) failure.warnings = warnings;
  return failure;
}
