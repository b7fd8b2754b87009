import { boolYaml11Tag, CORE_SCHEMA, loadAll, mergeTag, YAMLException } from 'js-yaml';

/** As the Kubernetes tools read it: YAML 1.2 and JSON, with merge keys and with `yes` and `no` of YAML 1.1. */
const SCHEMA = CORE_SCHEMA.withTags(mergeTag, boolYaml11Tag);

const MOST_ALIASES = 100;

/**
 * The one document of a text; null where there is none.
 *
 * @throws Error, whose message goes on after the text's name, and shows nothing of the text
 */
export function parseYaml(text: string): unknown {
  const { documents, fault } = load(text);
  if (fault) {
    // What stands between quotes or brackets is of the text.
    const [what] = fault.reason.split(/ ["!<]/, 1);
    throw new Error(`is no YAML: ${what}${fault.mark ? ` in line ${fault.mark.line + 1}` : ''}`);
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
