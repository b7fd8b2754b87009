/** Milliseconds. */
export type Milliseconds = number;

const PREFIX = 'ecr-anywhere.centml.ai';

/** The labels that a user sets: both a namespace and a Secret opt in. */
export const LABELS = {
  /** On a namespace, with the value `enabled`. */
  namespace: `${PREFIX}/namespace`,
  /** On a Secret, with the value `true`. */
  managed: `${PREFIX}/managed`,
} as const;

/** Selects managed Secrets in a list call. */
export const MANAGED_SELECTOR = `${LABELS.managed}=true`;

/** Selects enabled namespaces in a list call. */
export const NAMESPACE_SELECTOR = `${LABELS.namespace}=enabled`;

/** The annotations on a managed Secret. Times are RFC 3339 in UTC, with milliseconds. */
export const ANNOTATIONS = {
  /** Until when the credentials are good; the webhook writes it. */
  expiresAt: `${PREFIX}/expires_at`,
  /** When the webhook last put credentials in; different after each time. */
  updatedAt: `${PREFIX}/updated_at`,
  /** Which settings made the credentials; see `configHash`. The webhook writes it. */
  configHash: `${PREFIX}/config_hash`,
  /** A changed value asks for a refresh; the refresher writes it, and so may a person. */
  markedForUpdateAt: `${PREFIX}/marked_for_update_at`,
} as const;

/** What the webhook's warnings to the writer of a Secret begin with, and what one says of credentials that it left. */
export const WARNINGS = {
  cannotRenew: 'ECR Anywhere cannot renew its token',
  shortLived: 'AWS gives ECR Anywhere a short-lived token',
  oldStay: 'the old credentials stay',
} as const;

/** The name of our webhook in its MutatingWebhookConfiguration. The API server's messages about the webhook quote it. */
export const WEBHOOK_NAME = PREFIX;

/** How long an ECR token lives: twelve hours, whatever the session that asked for it. */
export const TOKEN_LIFETIME: Milliseconds = 12 * 3_600_000;

/**
 * How far two clocks may be apart before an `expires_at` counts as made up. AWS refuses signatures from five minutes on,
 * and its SDK then goes by AWS's clock: a token can seem to end much later than twelve hours from now.
 */
export const CLOCK_TOLERANCE: Milliseconds = 3_600_000;

/** The part of a Kubernetes object's metadata that matters here. It may come from anybody, so anything may be absent. */
export interface ObjectMeta {
  readonly name?: string | null;
  readonly namespace?: string | null;
  readonly uid?: string | null;
  readonly labels?: Readonly<Record<string, string>> | null;
  readonly annotations?: Readonly<Record<string, string>> | null;
  readonly deletionTimestamp?: string | null;
  readonly resourceVersion?: string | null;
}

/** Whether a Secret asks to be filled. Its namespace has to be enabled as well. */
export function isManaged(metadata: ObjectMeta | null | undefined): boolean {
  return read(metadata?.labels, LABELS.managed) === 'true';
}

/** Whether the Secrets of a namespace are served at all. */
export function isEnabledNamespace(metadata: ObjectMeta | null | undefined): boolean {
  return read(metadata?.labels, LABELS.namespace) === 'enabled';
}

/** The value of one of our annotations, or undefined. */
export function annotation(
  metadata: ObjectMeta | null | undefined,
  name: keyof typeof ANNOTATIONS,
): string | undefined {
  return read(metadata?.annotations, ANNOTATIONS[name]);
}

/** Whether the webhook ever filled a Secret, as far as its annotations tell. */
export function wasFilled(metadata: ObjectMeta): boolean {
  return annotation(metadata, 'updatedAt') !== undefined || annotation(metadata, 'expiresAt') !== undefined;
}

function read(map: Readonly<Record<string, string>> | null | undefined, key: string): string | undefined {
  if (typeof map !== 'object' || map === null || !Object.hasOwn(map, key)) return undefined;
  const value: unknown = map[key];
  return typeof value === 'string' ? value : undefined;
}
