/** A duration in milliseconds. */
export type Milliseconds = number;

const PREFIX = 'ecr-anywhere.centml.ai';

/** The labels that a user sets. A Secret is filled if it and its namespace have them. */
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

/** The annotations of a managed Secret. Times are RFC 3339 in UTC, with milliseconds. */
export const ANNOTATIONS = {
  /** When the credentials end; of several the first one. The webhook writes it. */
  expiresAt: `${PREFIX}/expires_at`,
  /**
   * When each of several credentials ends, as `writeEnds` says it. The webhook writes it into Secrets with credentials of
   * several regions or profiles.
   */
  expiresAtEach: `${PREFIX}/expires_at_each`,
  /** When the webhook last filled the Secret. The webhook writes another time at each refresh. */
  updatedAt: `${PREFIX}/updated_at`,
  /** The settings under which the Secret was filled, as `configHash` makes it. The webhook writes it. */
  configHash: `${PREFIX}/config_hash`,
  /** The names of the profiles that fill a Secret, separated by commas. Its user writes it. */
  profile: `${PREFIX}/profile`,
  /** The mark: a new value asks for a refresh. The refresher writes it, and so may a person. */
  markedForUpdateAt: `${PREFIX}/marked_for_update_at`,
  /** The form in which a Secret holds its credentials, where neither its type nor a label says it. The user writes it. */
  format: `${PREFIX}/format`,
  /** The host of the registry that a Secret with one password is for, where nothing else in it says it. The user writes it. */
  registry: `${PREFIX}/registry`,
  /** `true` keeps the entries of other registries in a Docker config. The user writes it. */
  keepOtherAuths: `${PREFIX}/keep_other_auths`,
} as const;

/** Parts of the webhook's warnings: how a warning begins, and what it says if the old credentials were not replaced. */
export const WARNINGS = {
  cannotRenew: 'ECR Anywhere cannot renew its token',
  noToken: 'ECR Anywhere has no token',
  shortLived: 'AWS gives ECR Anywhere a short-lived token',
  oldStay: 'the old credentials stay',
} as const;

/** The name of our webhook in its MutatingWebhookConfiguration. The API server's messages about the webhook quote it. */
export const WEBHOOK_NAME = PREFIX;

/** How long an ECR token lives: twelve hours, also if the session that requested it ends before. */
export const TOKEN_LIFETIME: Milliseconds = 12 * 3_600_000;

/**
 * How far two clocks may differ before an `expires_at` counts as made up. If a clock differs by more than five minutes,
 * AWS refuses signatures and the AWS SDK follows AWS's clock. A token can then seem to end much later than in twelve
 * hours.
 */
export const CLOCK_TOLERANCE: Milliseconds = 3_600_000;

/**
 * The part of a Kubernetes object's metadata that this library reads. Anybody may have written it: any field may be
 * absent.
 */
export interface ObjectMeta {
  readonly name?: string | null;
  readonly namespace?: string | null;
  readonly uid?: string | null;
  readonly labels?: Readonly<Record<string, string>> | null;
  readonly annotations?: Readonly<Record<string, string>> | null;
  readonly deletionTimestamp?: string | null;
  readonly resourceVersion?: string | null;
}

/** Whether a Secret has the label that asks for credentials. Its namespace has to be enabled as well. */
export function isManaged(metadata: ObjectMeta | null | undefined): boolean {
  return read(metadata?.labels, LABELS.managed) === 'true';
}

/** Whether a namespace has the label that enables it. */
export function isEnabledNamespace(metadata: ObjectMeta | null | undefined): boolean {
  return read(metadata?.labels, LABELS.namespace) === 'enabled';
}

/** The value of one of {@link ANNOTATIONS}; undefined if it is absent. */
export function annotation(
  metadata: ObjectMeta | null | undefined,
  name: keyof typeof ANNOTATIONS,
): string | undefined {
  return read(metadata?.annotations, ANNOTATIONS[name]);
}

/** Whether the webhook ever filled a Secret, by its annotations. */
export function wasFilled(metadata: ObjectMeta): boolean {
  return annotation(metadata, 'updatedAt') !== undefined || annotation(metadata, 'expiresAt') !== undefined;
}

function read(map: Readonly<Record<string, string>> | null | undefined, key: string): string | undefined {
  if (typeof map !== 'object' || map === null || !Object.hasOwn(map, key)) return undefined;
  const value: unknown = map[key];
  return typeof value === 'string' ? value : undefined;
}
