import type { NamedMetadata } from '@ecr-anywhere/kubernetes';
import { annotation, ANNOTATIONS, type DueReason } from '@ecr-anywhere/secret-scan';
import type { MarkAnswer } from '../kubernetes/managed-secrets.ts';

/** A Secret that is due, and is left until the webhook has the settings of this run. */
export interface LeftSecret {
  readonly metadata: NamedMetadata;
  readonly due: DueReason;
  /** The answer to its mark: the webhook filled it under other settings. Undefined if it was not marked. */
  readonly answer?: MarkAnswer | undefined;
}

/** If there are more, they are marked as if nothing were left: each one is then a failure. */
export const MOST_LEFT = 10_000;

/** Our annotations are shorter. A longer one becomes empty: whoever reads it finds it just as wrong. */
const LONGEST_ANNOTATION = 4 * 1_024;

/**
 * The Secrets that a run leaves for its end. Replicas and the refresher see changed settings minutes apart. After the first
 * Secret of some profiles that comes back with the hash of other settings, marking the others would only write all of them
 * twice.
 */
export class LeftSecrets {
  readonly #profilesOf: (metadata: NamedMetadata) => string;
  #profiles = new Set<string>();
  #secrets: LeftSecret[] = [];
  #isOpen = true;

  /** @param profilesOf - a text that Secrets of the same profiles have in common */
  constructor(profilesOf: (metadata: NamedMetadata) => string) {
    this.#profilesOf = profilesOf;
  }

  get isEmpty(): boolean {
    return this.#secrets.length === 0;
  }

  /** Whether Secrets of the same profiles are left. */
  has(metadata: NamedMetadata): boolean {
    return this.#isOpen && this.#profiles.has(this.#profilesOf(metadata));
  }

  /** Leaves a Secret, and all others of its profiles. @returns false if it cannot be left */
  add({ metadata, due, answer }: LeftSecret): boolean {
    if (!this.#isOpen || this.#secrets.length >= MOST_LEFT) return false;
    this.#profiles.add(this.#profilesOf(metadata));
    const short = answer && { metadata: outlineOf(answer.metadata), warnings: answer.warnings };
    this.#secrets.push({ metadata: outlineOf(metadata), due, answer: short });
    return true;
  }

  /** All that were left. None of their profiles is left any more. */
  take(): readonly LeftSecret[] {
    const taken = this.#secrets;
    this.#profiles = new Set();
    this.#secrets = [];
    return taken;
  }

  /** From now on, nothing can be left. */
  close(): void {
    this.#isOpen = false;
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
