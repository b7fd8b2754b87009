/**
 * What may be kept of an error of the SDK's. The original may hold a whole response, V8's syntax errors quote the text
 * they could not read, and some of AWS's messages quote the signed request with its session token. So: name, code, and of
 * a service's own error the first sentence, cut short.
 */
export function sanitized(error: unknown): Error {
  const { name, code, message, $fault } = (typeof error === 'object' && error !== null ? error : {}) as {
    name?: unknown;
    code?: unknown;
    message?: unknown;
    $fault?: unknown;
  };
  const isServiceError = $fault === 'client' || $fault === 'server';
  const cause = new Error(isServiceError && typeof message === 'string' ? firstSentence(message) : '');
  cause.name = typeof name === 'string' ? name : 'Error';
  if (typeof code === 'string') Object.assign(cause, { code });
  // Its own stack would begin here and tell nothing.
  cause.stack = `${cause.name}${cause.message && `: ${cause.message}`}`;
  return cause;
}

function firstSentence(message: string): string {
  return message
    .split(/[\n\r]|\.\s/, 1)
    .join('')
    .slice(0, 200);
}
