import { ApiError, type StatusDetails } from '../api-error.ts';
import { illegalBase64 } from '../go/base64.ts';
import { GoJsonError, goKind, parseGoJson } from '../go/json.ts';
import { jsonSyntaxError } from '../go/json-scanner.ts';
import { readTyped } from '../objects/resource.ts';
import type { AdmissionReview } from './admission-review.ts';
import { CallingWebhookError } from './calling-webhook-error.ts';
import { responseError } from './response-error.ts';
import type { WebhookResponse } from './webhook-client.ts';

/** What a webhook said, looked at as k8s.io/apiserver does (`VerifyAdmissionResponse` and what is around it). */
export interface WebhookAnswer {
  readonly warnings: readonly string[];
  /** Why not; absent where the write is allowed. */
  readonly denial?: ApiError;
  /** Operations of a JSON Patch; empty where nothing is to be changed. */
  readonly patch: readonly unknown[];
}

interface Answer {
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

/** @throws CallingWebhookError for what is no answer to the review */
export function readAnswer(name: string, review: AdmissionReview, response: WebhookResponse): WebhookAnswer {
  const answer = verified(review, response);
  const warnings = answer.warnings ?? [];
  if (answer.allowed !== true) return { warnings, patch: [], denial: denial(name, answer.status) };
  return { warnings, patch: readPatch(answer) };
}

function verified(review: AdmissionReview, response: WebhookResponse): Answer {
  if (response.status < 200 || response.status > 206)
    throw new CallingWebhookError(`failed to call webhook: ${responseError(response)}`);
  const answer = decodedReview(review, response);
  const { response: content } = answer;
  const refuse = (why: string) => new CallingWebhookError(`received invalid webhook response: ${why}`);
  if (content === undefined || content === null) throw refuse('webhook response was absent');
  // Neither the uid nor the type was ever looked at in v1beta1.
  if (review.apiVersion === 'admission.k8s.io/v1beta1')
    return content.patch ? { ...content, patchType: 'JSONPatch' } : { ...content, patchType: undefined };
  if (content.uid !== review.request.uid)
    throw refuse(`expected response.uid="${review.request.uid}", got "${content.uid ?? ''}"`);
  if (answer.kind === undefined)
    throw refuse(`expected webhook response of ${review.apiVersion}, Kind=AdmissionReview, got /, Kind=`);
  if (content.patch && content.patchType === undefined)
    throw refuse('webhook returned response.patch but not response.patchType');
  if (!content.patch && content.patchType !== undefined)
    throw refuse('webhook returned response.patchType but not response.patch');
  if (content.patchType === '') throw refuse('webhook returned invalid response.patchType of ""');
  return content;
}

/** The answer as the API server's decoder lets it through. */
function decodedReview(
  { apiVersion }: AdmissionReview,
  { status, contentType = 'application/json', body }: WebhookResponse,
): { readonly kind?: string; readonly response?: Answer | null } {
  const fail = (why: string) => new CallingWebhookError(`failed to call webhook: ${why}`);
  if (body.length === 0)
    throw fail(`0-length response with status code: ${status} and content type: ${contentType}`);
  let value: { kind?: string; apiVersion?: string; response?: Answer | null };
  try {
    // What is not JSON is taken for YAML there, and then is a text.
    value = (readTyped(isJson(body) ? body : Buffer.from('""')) ?? {}) as typeof value;
  } catch (error) {
    throw error instanceof GoJsonError ? fail(error.message) : error;
  }
  const { kind, apiVersion: version } = value;
  if (version !== undefined && kind !== undefined) {
    const isKnown = /^admission\.k8s\.io\/v1(beta1)?$/.test(version) && kind === 'AdmissionReview';
    if (!isKnown)
      throw fail(
        `no kind "${kind}" is registered for version "${version}" in scheme "pkg/runtime/scheme.go:111"`,
      );
    if (version !== apiVersion) {
      const goType = (one: string) => `(${one.replace('admission.k8s.io/', '')}.AdmissionReview)`;
      throw fail(`converting ${goType(version)} to ${goType(apiVersion)}: unknown conversion`);
    }
  }
  const illegal = illegalBase64(value.response?.patch ?? '');
  if (illegal !== undefined) throw fail(`illegal base64 data at input byte ${illegal}`);
  return value;
}

function isJson(body: Buffer): boolean {
  return jsonSyntaxError(body) === undefined;
}

function readPatch({ patch, patchType }: Answer): readonly unknown[] {
  if (!patch) return [];
  const undecodable = 'received undecodable patch in webhook response: ';
  let operations: unknown;
  try {
    operations = parseGoJson(Buffer.from(patch, 'base64'));
  } catch (error) {
    throw error instanceof GoJsonError ? new CallingWebhookError(undecodable + error.message) : error;
  }
  if (operations === null) return [];
  if (!Array.isArray(operations))
    throw new CallingWebhookError(
      `${undecodable}json: cannot unmarshal ${goKind(operations)} into Go value of type jsonpatch.Patch`,
    );
  if (operations.length > 0 && patchType !== 'JSONPatch')
    throw new CallingWebhookError(`unsupported patch type "${patchType}"`);
  return operations;
}

/** As `ToStatusErr` of k8s.io/apiserver words it. */
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
