import type { Case } from '../setup.ts';
import { CONTEXTS, FILES, FORM } from './files.ts';
import { IDENTITIES } from './identities.ts';
import { PLUGINS } from './plugins.ts';
import { PROXIES, SERVERS } from './servers.ts';

/** The table of kubeconfigs for the comparison of our client with kubectl. */
export const TABLE: Readonly<Record<string, readonly Case[]>> = {
  files: FILES,
  form: FORM,
  contexts: CONTEXTS,
  identities: IDENTITIES,
  plugins: PLUGINS,
  servers: SERVERS,
  proxies: PROXIES,
};
