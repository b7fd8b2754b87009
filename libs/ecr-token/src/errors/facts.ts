/** What is taken from an error of the SDK. The error itself is not kept, because it may hold a whole response. */
export interface ErrorFacts {
  /** The class or AWS's code, such as `AccessDenied`. */
  readonly name: string;
  /** Node's code, such as `ECONNREFUSED`; empty without one. */
  readonly code: string;
  /** The HTTP status; 0 without an answer. */
  readonly status: number;
  /** Whether AWS answered with this error. Otherwise something failed on the way, even in the middle of an answer. */
  readonly fromService: boolean;
  readonly requestId?: string | undefined;
  /** The original message. It may be searched, but never shown: it may hold a secret. */
  readonly message: string;
  /** The name that did not resolve. */
  readonly host?: string | undefined;
  /** Host and port of the proxy, if the proxy failed. */
  readonly proxy?: string | undefined;
  /** The HTTP status of the proxy's answer. */
  readonly proxyStatus?: number | undefined;
  /** How many milliseconds AWS's clock is ahead of this machine's, by the `Date` of the answer. */
  readonly clockOffset?: number | undefined;
}

type Fields = Readonly<Record<string, unknown>>;

/** The facts of anything that was thrown. */
export function errorFacts(error: unknown): ErrorFacts {
  const fields = fieldsOf(error);
  const metadata = fieldsOf(fields['$metadata']);
  // Node reports one error for each address that it tried. The SDK may wrap the error of a socket.
  const inner = fieldsOf(Array.isArray(fields['errors']) ? fields['errors'][0] : fields['cause']);
  return {
    // The other side may send anything as a code, so its form is checked.
    name: matching(fields['name'], /^[A-Za-z]{1,60}$/) ?? 'Error',
    code: matching(fields['code'], /^[A-Z\d_]{1,60}$/) ?? matching(inner['code'], /^[A-Z\d_]{1,60}$/) ?? '',
    status: typeof metadata['httpStatusCode'] === 'number' ? metadata['httpStatusCode'] : 0,
    fromService: fields['$fault'] === 'client' || fields['$fault'] === 'server',
    requestId: matching(metadata['requestId'], /^[\w-]{1,64}$/),
    message: typeof fields['message'] === 'string' ? fields['message'] : '',
    host: matching(fields['hostname'] ?? inner['hostname'], /^[\w.-]{1,253}$/),
    proxy: matching(fields['proxy'], /^[\w.:[\]-]+$/),
    proxyStatus: typeof fields['status'] === 'number' ? fields['status'] : undefined,
    clockOffset: clockOffset(fieldsOf(fieldsOf(fields['$response'])['headers'])['date']),
  };
}

function fieldsOf(value: unknown): Fields {
  return typeof value === 'object' && value !== null ? (value as Fields) : {};
}

function matching(value: unknown, pattern: RegExp): string | undefined {
  return typeof value === 'string' && pattern.test(value) ? value : undefined;
}

function clockOffset(date: unknown): number | undefined {
  const time = typeof date === 'string' ? Date.parse(date) : Number.NaN;
  return Number.isNaN(time) ? undefined : time - Date.now();
}
