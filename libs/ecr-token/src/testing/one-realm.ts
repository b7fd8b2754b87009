import { types } from 'node:util';

/**
 * Lets `instanceof Error` hold for Node's own errors in a spec. Jest runs specs in a separate realm with its own
 * `Error`. There, the SDK does not recognise an error of a socket as an `Error`, and keeps only its text.
 */
export function acceptErrorsOfNode(): void {
  const ordinary = Function.prototype[Symbol.hasInstance];
  Object.defineProperty(Error, Symbol.hasInstance, {
    value(this: unknown, value: unknown): boolean {
      return ordinary.call(this as () => void, value) || (this === Error && types.isNativeError(value));
    },
  });
}
