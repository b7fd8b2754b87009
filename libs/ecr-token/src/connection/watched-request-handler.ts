import { RequestHandler } from './request-handler.ts';

type Handle = RequestHandler['handle'];

/**
 * Remembers how the last request went. Some of the SDK's credential providers tell of a failure in a sentence alone; this
 * has the facts.
 */
export class WatchedRequestHandler extends RequestHandler {
  /** What was thrown; undefined where there was an answer. */
  failure: unknown;
  /** The HTTP status; 0 without an answer. */
  status = 0;

  override async handle(request: Parameters<Handle>[0], options?: Parameters<Handle>[1]): ReturnType<Handle> {
    this.failure = undefined;
    this.status = 0;
    try {
      const result = await super.handle(request, options);
      this.status = result.response.statusCode;
      return result;
    } catch (error) {
      this.failure = error;
      throw error;
    }
  }
}
