import type { Environment } from './environment.ts';

/** An environment that a plan carries along. The field is private, so that no log of the plan shows a key. */
export class CarriedEnvironment {
  readonly #variables: Environment;

  constructor(variables: Environment) {
    this.#variables = variables;
  }

  get variables(): Environment {
    return this.#variables;
  }
}
