import { boolYaml11Tag, CORE_SCHEMA, loadAll, mergeTag, YAMLException } from 'js-yaml';

/** YAML as the Kubernetes tools read it: version 1.2, with merge keys, and with `yes` and `no` as in version 1.1. */
const SCHEMA = CORE_SCHEMA.withTags(mergeTag, boolYaml11Tag);

const MOST_ALIASES = 100;

/**
 * Parses the only document of a text; null if there is none.
 *
 * @throws Error, whose message continues a sentence that begins with the name of the file. It contains nothing of the text
 */
export function parseYaml(text: string): unknown {
  const { documents, fault } = load(text);
  if (fault) {
    // What follows in quotes or brackets comes from the text, which may be secret.
    const [what] = fault.reason.split(/ ["!<]/, 1);
    throw new Error(`is not valid YAML: ${what}${fault.mark ? ` in line ${fault.mark.line + 1}` : ''}`);
  }
  if (documents.length > 1) throw new Error('has more than one YAML document');
  return documents[0] ?? null;
}

function load(text: string): { documents: readonly unknown[]; fault?: YAMLException } {
  try {
    return { documents: loadAll(text, { schema: SCHEMA, maxAliases: MOST_ALIASES }) };
  } catch (error) {
    if (error instanceof YAMLException) return { documents: [], fault: error };
    throw error;
  }
}
