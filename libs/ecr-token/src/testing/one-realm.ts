import { types } from 'node:util';

/**
 * Lets `instanceof Error` hold for Node's own errors in a spec. Jest runs specs in a realm of their own, with an
 * `Error` of its own; there the SDK takes an error of a socket for something else that was thrown, and drops all but
 * its text.
 */
export function acceptErrorsOfNode(): void {
  const ordinary = Function.prototype[Symbol.hasInstance];
  Object.defineProperty(Error, Symbol.hasInstance, {
    value(this: unknown, value: unknown): boolean {
      return ordinary.call(this as () => void, value) || (this === Error && types.isNativeError(value));
    },
  });
}
