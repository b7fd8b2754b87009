/** What is taken from an error that the SDK threw: never the error itself, which may hold a whole response. */
export interface ErrorFacts {
  /** The class or AWS's code, such as `AccessDenied`. */
  readonly name: string;
  /** Node's code, such as `ECONNREFUSED`; empty without one. */
  readonly code: string;
  /** The HTTP status; 0 without an answer. */
  readonly status: number;
  /** Whether it is AWS that says so; otherwise something went wrong on the way, be it in the middle of an answer. */
  readonly fromService: boolean;
  readonly requestId?: string | undefined;
  /** As it came. Look for words in it, but never hand it on. */
  readonly message: string;
  /** The name that did not resolve. */
  readonly host?: string | undefined;
  /** Host and port of the proxy, where that was the trouble. */
  readonly proxy?: string | undefined;
  /** What the proxy answered, where it did. */
  readonly proxyStatus?: number | undefined;
  /** What has to be added to this machine's clock to get AWS's, in milliseconds, by the answer's `Date`. */
  readonly clockOffset?: number | undefined;
}

type Fields = Readonly<Record<string, unknown>>;

/** The facts of anything that was thrown. */
export function errorFacts(error: unknown): ErrorFacts {
  const fields = fieldsOf(error);
  const metadata = fieldsOf(fields['$metadata']);
  // Happy eyeballs reports one error for each address that was tried; the SDK may wrap a socket's error.
  const inner = fieldsOf(Array.isArray(fields['errors']) ? fields['errors'][0] : fields['cause']);
  return {
    // A code is whatever the other side sent: only what looks like one is taken for one.
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
