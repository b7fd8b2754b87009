import { ApiError, type StatusDetails } from '../objects/api-error.ts';
import type { AdmissionReview } from './admission-review.ts';
import { CallingWebhookError, type WebhookResponse } from './webhook-client.ts';

/** A webhook's answer. */
export interface WebhookAnswer {
  readonly warnings: readonly string[];
  /** Absent if the webhook allows the write. */
  readonly denial?: ApiError;
  /** A JSON Patch; absent if the webhook changes nothing. */
  readonly patch?: unknown;
}

interface AdmissionResponse {
  readonly uid?: string;
  readonly allowed?: boolean;
  readonly status?: Denial;
  readonly patchType?: string;
  readonly patch?: string;
  readonly warnings?: readonly string[] | null;
}

interface Denial {
  readonly code?: number;
  readonly reason?: string;
  readonly message?: string;
  readonly details?: StatusDetails;
}

/** @throws CallingWebhookError if the response does not answer the review */
export function readAnswer(name: string, review: AdmissionReview, response: WebhookResponse): WebhookAnswer {
  const { allowed, status, patch, warnings } = readResponse(review, response);
  const told = { warnings: warnings ?? [] };
  if (allowed !== true) return { ...told, denial: denial(name, status) };
  return patch ? { ...told, patch: parse(Buffer.from(patch, 'base64')) } : told;
}

function readResponse({ apiVersion, request }: AdmissionReview, { status, body }: WebhookResponse) {
  if (status < 200 || status > 206)
    throw new CallingWebhookError(
      `failed to call webhook: the server responded with the status code ${status} but did not return more information`,
    );
  const answer = parse(body) as {
    readonly kind?: string;
    readonly apiVersion?: string;
    readonly response?: AdmissionResponse;
  } | null;
  const response = answer?.response;
  if (!response) throw invalidResponse('webhook response was absent');
  // Version v1beta1 checks neither uid nor patchType.
  if (apiVersion === 'admission.k8s.io/v1beta1') return response;
  if (answer.kind !== 'AdmissionReview' || answer.apiVersion !== apiVersion)
    throw invalidResponse(`expected webhook response of ${apiVersion}, Kind=AdmissionReview`);
  if (response.uid !== request.uid)
    throw invalidResponse(`expected response.uid="${request.uid}", got "${response.uid ?? ''}"`);
  if (Boolean(response.patch) !== Boolean(response.patchType))
    throw invalidResponse('webhook returned only one of response.patch and response.patchType');
  if (response.patchType && response.patchType !== 'JSONPatch')
    throw invalidResponse(`unsupported patch type "${response.patchType}"`);
  return response;
}

function parse(body: Buffer): unknown {
  try {
    return JSON.parse(body.toString());
  } catch (error) {
    throw invalidResponse((error as Error).message);
  }
}

function invalidResponse(why: string): CallingWebhookError {
  return new CallingWebhookError(`received invalid webhook response: ${why}`);
}

/** The wording is that of k8s.io/apiserver: our programs recognize it. */
function denial(name: string, { code = 0, reason = '', message = '', details }: Denial = {}): ApiError {
  const denied = `admission webhook "${name}" denied the request`;
  const why = message || reason;
  return new ApiError(
    Math.max(400, code),
    reason,
    why ? `${denied}: ${why}` : `${denied} without explanation`,
    details,
  );
}
