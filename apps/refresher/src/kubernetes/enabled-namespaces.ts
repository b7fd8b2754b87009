import { isEnabledNamespace } from '@ecr-anywhere/secret-scan';
import type { Namespaces } from './namespaces.ts';

/** About 10 MB of names. */
export const MOST_NAMESPACES = 100_000;

/**
 * Knows which namespaces are enabled. It remembers a limited number of names. If there are more, it asks the API server for
 * the namespace of each further Secret.
 */
export class EnabledNamespaces {
  readonly #namespaces: Namespaces;
  readonly #names: ReadonlySet<string>;
  readonly #isComplete: boolean;
  #lastAsked: { readonly name: string; readonly isEnabled: boolean } | undefined;

  private constructor(namespaces: Namespaces, names: ReadonlySet<string>, isComplete: boolean) {
    this.#namespaces = namespaces;
    this.#names = names;
    this.#isComplete = isComplete;
  }

  /**
   * @param signal - ends the list early
   * @throws {@link KubernetesError}
   */
  static async list(
    namespaces: Namespaces,
    signal: AbortSignal,
    most = MOST_NAMESPACES,
  ): Promise<EnabledNamespaces> {
    const names = new Set<string>();
    for await (const { name } of namespaces.listEnabledNamespaces()) {
      if (signal.aborted || names.size === most) return new EnabledNamespaces(namespaces, names, false);
      names.add(name);
    }
    return new EnabledNamespaces(namespaces, names, true);
  }

  /** @throws {@link KubernetesError} */
  async has(name: string): Promise<boolean> {
    if (this.#names.has(name)) return true;
    if (this.#isComplete) return false;
    // Secrets of the same namespace mostly follow each other in a list.
    if (this.#lastAsked?.name !== name) {
      const namespace = await this.#namespaces.getNamespace(name);
      this.#lastAsked = { name, isEnabled: isEnabledNamespace(namespace) };
    }
    return this.#lastAsked.isEnabled;
  }
}
