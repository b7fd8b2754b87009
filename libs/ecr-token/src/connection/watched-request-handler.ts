import { StatusError } from '../errors/status-error.ts';
import { RequestHandler } from './request-handler.ts';

type Handle = RequestHandler['handle'];

/**
 * Remembers how the last request failed. Some of the SDK's credential providers describe a failure in a sentence only;
 * this has the facts.
 */
export class WatchedRequestHandler extends RequestHandler {
  /** What was thrown, or a `StatusError`; undefined if the answer was a good one. */
  failure: unknown;

  override async handle(request: Parameters<Handle>[0], options?: Parameters<Handle>[1]): ReturnType<Handle> {
    this.failure = undefined;
    try {
      const result = await super.handle(request, options);
      const { statusCode } = result.response;
      if (statusCode >= 400) this.failure = new StatusError(statusCode);
      return result;
    } catch (error) {
      this.failure = error;
      throw error;
    }
  }
}
