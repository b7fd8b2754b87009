import { isEnabledNamespace } from '@ecr-anywhere/secret-scan';
import type { Kubernetes } from './cluster.ts';

/** About 10 MB of names. */
export const MOST_NAMESPACES = 100_000;

/**
 * Which namespaces are enabled. It remembers a limited number of names. If there are more namespaces, it asks the API server
 * for each further one when a Secret of it comes.
 */
export class EnabledNamespaces {
  readonly #kubernetes: Pick<Kubernetes, 'namespace'>;
  readonly #names: ReadonlySet<string>;
  readonly #isComplete: boolean;
  #lastAsked: { readonly name: string; readonly isEnabled: boolean } | undefined;

  private constructor(
    kubernetes: Pick<Kubernetes, 'namespace'>,
    names: ReadonlySet<string>,
    isComplete: boolean,
  ) {
    this.#kubernetes = kubernetes;
    this.#names = names;
    this.#isComplete = isComplete;
  }

  /**
   * @param signal - ends the list early
   * @throws {@link KubernetesError}
   */
  static async list(
    kubernetes: Pick<Kubernetes, 'namespace' | 'enabledNamespaces'>,
    signal: AbortSignal,
    most = MOST_NAMESPACES,
  ): Promise<EnabledNamespaces> {
    const names = new Set<string>();
    for await (const { name } of kubernetes.enabledNamespaces()) {
      if (signal.aborted || names.size === most) return new EnabledNamespaces(kubernetes, names, false);
      names.add(name ?? '');
    }
    return new EnabledNamespaces(kubernetes, names, true);
  }

  /** @throws {@link KubernetesError} */
  async has(name: string): Promise<boolean> {
    if (this.#names.has(name)) return true;
    if (this.#isComplete) return false;
    // Secrets of one namespace mostly come one after the other.
    if (this.#lastAsked?.name !== name) {
      const namespace = await this.#kubernetes.namespace(name);
      this.#lastAsked = { name, isEnabled: isEnabledNamespace(namespace) };
    }
    return this.#lastAsked.isEnabled;
  }
}
