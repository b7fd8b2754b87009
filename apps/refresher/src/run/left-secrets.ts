import type { NamedMetadata } from '@ecr-anywhere/kubernetes';
import { annotation, ANNOTATIONS, type DueReason } from '@ecr-anywhere/secret-scan';
import type { MarkAnswer } from '../kubernetes/managed-secrets.ts';

/** A Secret that is due, and is left until the webhook has the settings of this run. */
export interface LeftSecret {
  readonly metadata: NamedMetadata;
  readonly due: DueReason;
  /** The answer to its mark: the webhook filled it under other settings. Undefined if it was not marked, or was refused. */
  readonly answer?: MarkAnswer | undefined;
}

/** Secrets that are left together. */
type Group = (typeof GROUPS)[number];

const GROUPS = ['profiles', 'namespace'] as const;

/** If there are more, they are marked as if nothing were left: each one is then a failure. */
export const MOST_LEFT = 10_000;

/** Our annotations are shorter. A longer one becomes empty: whoever reads it finds it just as wrong. */
const LONGEST_ANNOTATION = 4 * 1_024;

/**
 * The Secrets that a run leaves for its end. Replicas and the refresher see changed settings minutes apart. After the first
 * Secret of some profiles that comes back with the hash of other settings, marking the others would only write all of them
 * twice. After the first one that is refused, the others of its namespace would be refused, too.
 */
export class LeftSecrets {
  readonly #profilesOf: (metadata: NamedMetadata) => string;
  #groups = new Set<string>();
  #secrets: LeftSecret[] = [];
  #isOpen = true;

  /** @param profilesOf - a text that Secrets of the same profiles have in common */
  constructor(profilesOf: (metadata: NamedMetadata) => string) {
    this.#profilesOf = profilesOf;
  }

  get isEmpty(): boolean {
    return this.#secrets.length === 0;
  }

  /** Whether Secrets of the same profiles are left, or those of its namespace among them. */
  has(metadata: NamedMetadata): boolean {
    return this.#isOpen && GROUPS.some((group) => this.#groups.has(this.#nameOf(metadata, group)));
  }

  /**
   * Leaves a Secret.
   *
   * @param group - which others are left with it: all of its profiles, or only those of its namespace among them
   * @returns false if it cannot be left
   */
  add({ metadata, due, answer }: LeftSecret, group?: Group): boolean {
    if (!this.#isOpen || this.#secrets.length >= MOST_LEFT) return false;
    if (group !== undefined) this.#groups.add(this.#nameOf(metadata, group));
    const short = answer && { metadata: outlineOf(answer.metadata), warnings: answer.warnings };
    this.#secrets.push({ metadata: outlineOf(metadata), due, answer: short });
    return true;
  }

  /** All that were left. None of their profiles is left any more. */
  take(): readonly LeftSecret[] {
    const taken = this.#secrets;
    this.#groups = new Set();
    this.#secrets = [];
    return taken;
  }

  /** From now on, nothing can be left. */
  close(): void {
    this.#isOpen = false;
  }

  #nameOf(metadata: NamedMetadata, group: Group): string {
    const profiles = this.#profilesOf(metadata);
    return group === 'profiles' ? profiles : `${metadata.namespace}/${profiles}`;
  }
}

/** What a mark and its judgement need. Other annotations may be large. */
function outlineOf(metadata: NamedMetadata): NamedMetadata {
  const { namespace, name } = metadata;
  const annotations: Record<string, string> = {};
  for (const [key, full] of Object.entries(ANNOTATIONS)) {
    const value = annotation(metadata, key as keyof typeof ANNOTATIONS);
    if (value !== undefined) annotations[full] = value.length > LONGEST_ANNOTATION ? '' : value;
  }
  return { namespace, name, annotations };
}
