import { randomUUID } from 'node:crypto';
import type { AwsError } from '../http/aws-error.ts';
import type { Answer } from '../http/http-message.ts';

// AWS STS's protocol: form-encoded requests ("query"), answers in XML.

const NAMESPACE = 'https://sts.amazonaws.com/doc/2011-06-15/';

/** An XML element's content: text, or elements by name; undefined ones are left out. */
export type Element = string | { readonly [name: string]: Element | undefined };

export function stsAnswer(operation: string, result: Element): Answer {
  const requestId = randomUUID();
  return answer(200, requestId, `${operation}Response`, {
    [`${operation}Result`]: result,
    ResponseMetadata: { RequestId: requestId },
  });
}

export function stsError({ status, code, message }: AwsError): Answer {
  const requestId = randomUUID();
  const type = status >= 500 ? 'Receiver' : 'Sender';
  return answer(status, requestId, 'ErrorResponse', {
    Error: { Type: type, Code: code, Message: message },
    RequestId: requestId,
  });
}

function answer(status: number, requestId: string, root: string, content: Element): Answer {
  return {
    status,
    headers: { 'content-type': 'text/xml', 'x-amzn-requestid': requestId },
    body: `<${root} xmlns="${NAMESPACE}">${xml(content)}</${root}>`,
  };
}

function xml(element: Element): string {
  if (typeof element === 'string') {
    return element.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
  }
  return Object.entries(element)
    .map(([name, content]) => (content === undefined ? '' : `<${name}>${xml(content)}</${name}>`))
    .join('');
}
