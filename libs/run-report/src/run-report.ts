import * as z from 'zod';

/** The key of the ConfigMap that contains the report. The kubelet makes a file with this name of it. */
export const REPORT_KEY = 'report.json';

/** Each list of Secrets in a report has at most this many names. */
export const MOST_NAMES = 10;

/** A report with the longest names has less than two thirds of this. */
const MOST_CHARACTERS = 16 * 1_024;

/**
 * The results of Secrets that a complete run leaves.
 *
 * - `fresh`: it was not due
 * - `refreshed`: it has new credentials
 * - `failed`: it has no new credentials
 * - `needs_correction`: it has no new credentials, and gets none before somebody corrects the Secret itself, or puts the
 *   label of its namespace back
 * - `unfillable`: it was never filled, because the webhook refuses it because of the Secret itself
 */
export const SECRET_RESULTS = ['fresh', 'refreshed', 'failed', 'needs_correction', 'unfillable'] as const;
export type SecretResult = (typeof SECRET_RESULTS)[number];

/**
 * How the API server's calls of the webhook ended.
 *
 * - `answered`: the webhook answered, also if it refused
 * - `failed`: the API server could not call it
 * - `not_called`: the API server stored the Secret without calling it
 */
export const WEBHOOK_CALLS = ['answered', 'failed', 'not_called'] as const;
export type WebhookCall = (typeof WEBHOOK_CALLS)[number];

const name = z.string().regex(/^[a-z0-9]([a-z0-9.-]{0,251}[a-z0-9])?$/, { error: 'expected a name' });
const secretName = z.object({ namespace: name, name });
const count = z.int().min(0);
const named = z.object({ count, first: z.array(secretName).max(MOST_NAMES) });
/** A number for each key. Another version may know fewer keys, or more: during an upgrade, both versions run. */
const counts = <K extends string>(keys: readonly K[]) =>
  z.object(
    Object.fromEntries(keys.map((key) => [key, count.default(0)])) as Record<K, z.ZodDefault<z.ZodInt>>,
  );
/** Milliseconds since 1970 in memory, RFC 3339 in the text. */
const time = z.codec(z.iso.datetime(), z.number(), {
  decode: (text) => Date.parse(text),
  encode: (milliseconds) => new Date(milliseconds).toISOString(),
});

const schema = z.object({
  version: z.literal(1),
  /** When the run ended, by the API server's clock. */
  endedAt: time,
  exitCode: z.union([z.literal(0), z.literal(1), z.literal(2)]),
  webhookCalls: counts(WEBHOOK_CALLS),
  /** Whether the run saw every managed Secret, and failed only because of Secrets that need a correction. */
  onlyNeedsCorrection: z.boolean().default(false),
  /** Missing if the run did not see every managed Secret. */
  secrets: z
    .object({
      results: counts(SECRET_RESULTS),
      /** The Secret whose credentials end first. Missing if no Secret has credentials. */
      firstToEnd: secretName.extend({ expiresAt: time }).optional(),
      /** Secrets that the webhook refuses because of the Secrets themselves, such as their type. */
      refused: named,
      /** Secrets that are due, and whose namespace has lost its label. */
      unserved: named.default({ count: 0, first: [] }),
    })
    .optional(),
});

/** What a run of the refresher found out. Times are milliseconds since 1970. It contains no content of a Secret. */
export type RunReport = z.output<typeof schema>;

/** A Secret's namespace and name. */
export type SecretName = z.output<typeof secretName>;

/** The report as JSON. */
export function writeRunReport(report: RunReport): string {
  return JSON.stringify(z.encode(schema, report));
}

/**
 * Reads a report. Fields that it does not know are ignored.
 *
 * @throws Error, whose message says what is wrong, without quoting the text: anybody may have written it
 */
export function readRunReport(text: string): RunReport {
  if (text.length > MOST_CHARACTERS) throw new Error(`it has more than ${MOST_CHARACTERS} characters`);
  const { success, data, error } = schema.safeDecode(parseJson(text));
  if (success) return data;
  const [issue] = error.issues;
  throw new Error(`${issue?.path.join('.') || 'report'}: ${issue?.message}`);
}

function parseJson(text: string): never {
  try {
    // The schema checks it.
    return JSON.parse(text) as never;
  } catch {
    throw new Error('it is not JSON');
  }
}
