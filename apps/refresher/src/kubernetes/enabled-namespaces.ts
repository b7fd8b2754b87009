import { installationOf, type Installation, type NamespaceLabels } from './installation.ts';
import type { Namespaces } from './namespaces.ts';

/** About 10 MB of names. */
export const MOST_NAMESPACES = 100_000;

/**
 * Knows for each namespace which installation fills its Secrets. It remembers a limited number of enabled namespaces, those
 * of other installations included. If there are more, it asks the API server for the namespace of each further Secret.
 *
 * A label that changes after the list counts from the next run.
 */
export class EnabledNamespaces {
  readonly #namespaces: Namespaces;
  readonly #required: NamespaceLabels;
  readonly #known: ReadonlyMap<string, Installation>;
  readonly #isComplete: boolean;
  #lastAsked: { readonly name: string; readonly installation: Installation } | undefined;

  private constructor(
    namespaces: Namespaces,
    required: NamespaceLabels,
    known: ReadonlyMap<string, Installation>,
    isComplete: boolean,
  ) {
    this.#namespaces = namespaces;
    this.#required = required;
    this.#known = known;
    this.#isComplete = isComplete;
  }

  /**
   * @param required - the labels that the namespaces of this installation have
   * @param signal - ends the list early
   * @throws {@link KubernetesError}
   */
  static async list(
    namespaces: Namespaces,
    required: NamespaceLabels,
    signal: AbortSignal,
    most = MOST_NAMESPACES,
  ): Promise<EnabledNamespaces> {
    const known = new Map<string, Installation>();
    for await (const namespace of namespaces.listEnabledNamespaces()) {
      if (signal.aborted || known.size === most)
        return new EnabledNamespaces(namespaces, required, known, false);
      known.set(namespace.name, installationOf(namespace, required));
    }
    return new EnabledNamespaces(namespaces, required, known, true);
  }

  /** @throws {@link KubernetesError} */
  async installationOf(name: string): Promise<Installation> {
    const known = this.#known.get(name);
    if (known !== undefined) return known;
    if (this.#isComplete) return 'none';
    // Secrets of the same namespace mostly follow each other in a list.
    if (this.#lastAsked?.name !== name) {
      const namespace = await this.#namespaces.getNamespace(name);
      this.#lastAsked = { name, installation: installationOf(namespace, this.#required) };
    }
    return this.#lastAsked.installation;
  }
}
