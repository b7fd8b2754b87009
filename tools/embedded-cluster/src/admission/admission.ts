import { internalError, ApiError } from '../api-error.ts';
import type { ApiObject, Stored } from '../objects/object.ts';
import { decode, DecodeError, type Resource } from '../objects/resource.ts';
import { jsonPatch, JsonPatchError } from '../storage/patches.ts';
import { admissionReview } from './admission-review.ts';
import { readAnswer, type WebhookAnswer } from './webhook-answer.ts';
import type { WebhookClient } from './webhook-client.ts';
import { isMeant } from './webhook-selection.ts';
import { webhooksOf, type MutatingWebhook } from './mutating-webhook.ts';
import { CallingWebhookError } from './calling-webhook-error.ts';

/** A write on its way. */
export interface AdmissionRequest {
  readonly operation: 'CREATE' | 'UPDATE' | 'DELETE';
  /** Empty where the API server is still to make one up. */
  readonly name: string;
  readonly namespace: string;
  /** Absent for a delete. */
  readonly object?: ApiObject;
  /** Absent for a create. */
  readonly oldObject?: Stored;
  readonly options: {
    readonly dryRun: boolean;
    readonly fieldValidation: string;
    readonly fieldManager?: string;
  };
}

/** An object after admission, and what the webhooks want the client to know. */
export interface Admitted {
  readonly object: ApiObject;
  readonly warnings: readonly string[];
}

/** What surrounds admission. */
export interface AdmissionContext {
  /** In the order of their names. */
  configurations(): readonly ApiObject[];
  namespace(name: string): ApiObject | undefined;
}

/** Calls mutating webhooks, one after the other, on writes of Secrets. */
export class Admission {
  #reviews = 0;

  constructor(
    private readonly context: AdmissionContext,
    private readonly client: WebhookClient,
  ) {}

  /** How many reviews were sent. */
  get reviews(): number {
    return this.#reviews;
  }

  /** @throws ApiError where a webhook refuses, or fails and must not */
  async admit(resource: Resource, request: AdmissionRequest): Promise<Admitted> {
    const warnings: string[] = [];
    let { object } = request;
    if (resource.namespaced) {
      const labels = this.context.namespace(request.namespace)?.metadata.labels;
      for (const webhook of this.context.configurations().flatMap(webhooksOf)) {
        const current = { ...request, ...(object && { object }) };
        if (!isMeant(webhook, resource, current, labels)) continue;
        try {
          object = await this.#call(webhook, resource, current, warnings);
        } catch (error) {
          if (error instanceof ApiError) throw withWarnings(error, warnings);
          if (!(error instanceof CallingWebhookError)) throw error;
          if (webhook.failurePolicy !== 'Ignore')
            throw withWarnings(
              internalError(`failed calling webhook "${webhook.name}": ${error.message}`),
              warnings,
            );
        }
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
    this.#reviews += 1;
    const response = await this.client.post(webhook, JSON.stringify(review));
    const answer = readAnswer(webhook.name, review, response);
    warnings.push(...answer.warnings);
    if (answer.denial !== undefined) throw answer.denial;
    if (request.object === undefined || answer.patch.length === 0) return request.object;
    return patchedObject(resource, request.object, answer.patch);
  }
}

/** What goes wrong here is the API server's error, whatever the failure policy. */
function patchedObject(resource: Resource, object: ApiObject, patch: WebhookAnswer['patch']): ApiObject {
  const { kind, apiVersion } = resource;
  try {
    return decode(resource, jsonPatch({ kind, apiVersion, ...object }, patch)).object;
  } catch (error) {
    if (error instanceof JsonPatchError || error instanceof DecodeError) throw internalError(error.message);
    throw error;
  }
}

function withWarnings(error: ApiError, warnings: readonly string[]): ApiError {
  error.warnings = warnings;
  return error;
}
