import type { JsonPatch, JsonPatchOperation } from './json-patch.ts';

/**
 * Base64 of a patch, as an answer holds it. Between the parts of a JSON text there may be spaces; with them each part fills
 * whole groups of Base64, so that parts can be encoded one by one.
 *
 * An operation that cannot change, as it is frozen and its value is a text, is encoded once: where thousands of objects get
 * the same long value, that is most of the work of an answer.
 */
export function encodePatch(patch: JsonPatch): string {
  return `${OPEN}${patch.map(encodeOperation).join(COMMA)}${CLOSE}`;
}

const encoded = new WeakMap<JsonPatchOperation, string>();

function encodeOperation(operation: JsonPatchOperation): string {
  const known = encoded.get(operation);
  if (known !== undefined) return known;
  const text = encode(JSON.stringify(operation));
  if (Object.isFrozen(operation) && 'value' in operation && typeof operation.value === 'string')
    encoded.set(operation, text);
  return text;
}

/** Three bytes make a group of Base64. */
function encode(json: string): string {
  const bytes = Buffer.byteLength(json);
  return Buffer.from(json + ' '.repeat((3 - (bytes % 3)) % 3)).toString('base64');
}

const OPEN = encode('[');
const COMMA = encode(',');
const CLOSE = encode(']');
