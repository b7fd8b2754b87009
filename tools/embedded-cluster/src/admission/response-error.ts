import { GoJsonError, parseGoJson } from '../go/json.ts';
import type { WebhookResponse } from './webhook-client.ts';

const WORDS: Readonly<Record<number, string>> = {
  400: 'the server rejected our request for an unknown reason',
  401: 'the server has asked for the client to provide credentials',
  404: 'the server could not find the requested resource',
  405: 'the server does not allow this method on the requested resource',
  409: 'the server reported a conflict',
  422: 'the server rejected our request due to an error in our request',
  429: 'the server has received too many requests and has asked us to try again later',
  503: 'the server is currently unable to handle the request',
  504: 'the server was unable to return a response in the time allotted, but may still be processing the request',
};

/** What client-go makes of an HTTP status that is a failure (`NewGenericServerResponse`). */
export function responseError({ status, contentType, body }: WebhookResponse): string {
  const told = statusMessage(body);
  if (told !== undefined) return told;
  const isText = contentType === undefined || contentType.startsWith('text/');
  const text = isText ? body.subarray(0, 2048).toString().trim() : 'unknown';
  if (status === 403 || status === 415) return text;
  if (status === 406) {
    return text === '' || text === 'unknown'
      ? 'the server was unable to respond with a content type that the client supports'
      : text;
  }
  const words = WORDS[status];
  if (words !== undefined) return words;
  return status >= 500
    ? `an error on the server (${JSON.stringify(text)}) has prevented the request from succeeding`
    : `the server responded with the status code ${status} but did not return more information`;
}

/** The message of a body that is a `Status`. */
function statusMessage(body: Buffer): string | undefined {
  try {
    const { kind, message } = (parseGoJson(body) ?? {}) as { kind?: unknown; message?: unknown };
    return kind === 'Status' && typeof message === 'string' ? message : undefined;
  } catch (error) {
    if (error instanceof GoJsonError) return undefined;
    throw error;
  }
}
