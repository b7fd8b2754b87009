import type { JsonPatchOperation } from './json-patch.ts';

/** An operation that {@link encodeOperation} has encoded, for the patches of many answers. */
export interface EncodedOperation {
  /** The operation as JSON, with spaces after it up to a multiple of three bytes, in Base64. */
  readonly base64: string;
}

/**
 * Encodes an operation once, so that `allow` need not encode it for each answer. Use it for a long value that many objects
 * get. Later changes of `operation` have no effect on the result.
 */
export function encodeOperation(operation: JsonPatchOperation): EncodedOperation {
  return { base64: encode(JSON.stringify(operation)) };
}

/** A patch as JSON in Base64. Each part fills whole groups of Base64, so the parts can be joined. */
export function encodePatch(patch: readonly (JsonPatchOperation | EncodedOperation)[]): string {
  let base64 = '';
  let json = '[';
  for (const [index, operation] of patch.entries()) {
    if (index > 0) json += ',';
    if ('op' in operation) {
      json += JSON.stringify(operation);
    } else {
      base64 += encode(json) + operation.base64;
      json = '';
    }
  }
  return base64 + encode(`${json}]`);
}

/** Base64 encodes three bytes as a group. Between the parts of a JSON text, spaces are allowed. */
function encode(json: string): string {
  const missing = (3 - (Buffer.byteLength(json) % 3)) % 3;
  return Buffer.from(json + ' '.repeat(missing)).toString('base64');
}
