export * from './admission-decode-error.ts';
export * from './admission-review.ts';
export * from './answer.ts';
export * from './decode-review.ts';
export { encodeOperation, type EncodedOperation } from './encode-patch.ts';
export * from './json-patch.ts';
export * from './json-pointer.ts';
