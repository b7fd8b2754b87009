/** A section of an INI file. The names of settings are in lower case, as for the AWS CLI. */
export interface IniSection {
  readonly name: string;
  readonly settings: Readonly<Record<string, string>>;
}

/** What an INI file holds. */
export interface Ini {
  /** In the order of the file. A name may occur more than once. */
  readonly sections: readonly IniSection[];
  /** The number of the first line that is neither a section, a setting of one, nor a comment. */
  readonly strayLine?: number | undefined;
}

const HEADER = /^\[(.*)\]$/;

/** The value of this setting is a command line. There, `#` and `;` do not begin a comment. */
const COMMAND = /^\s*credential_process\s*=/i;

/**
 * Reads the INI dialect of the AWS SDK for JavaScript: a comment begins a line or follows a space, and an empty value
 * begins a block, whose indented settings are named `block.setting`. The value of `credential_process` is the rest of
 * its line, as for the AWS CLI, which knows no comments after a value.
 */
export function parseIni(text: string): Ini {
  const sections: { name: string; settings: Record<string, string> }[] = [];
  let block: string | undefined;
  let strayLine: number | undefined;
  for (const [index, line] of text.split(/\r?\n/).entries()) {
    const content = (COMMAND.test(line) ? line : line.replace(/(?:^|\s)[;#].*/, '')).trim();
    if (content === '') continue;
    const header = HEADER.exec(content);
    if (header !== null) {
      sections.push({ name: header[1] ?? '', settings: {} });
      block = undefined;
      continue;
    }
    const section = sections.at(-1);
    const setting = /^([^=]+)=(.*)$/.exec(content);
    if (section === undefined || setting === null) {
      strayLine ??= index + 1;
      continue;
    }
    const name = (setting[1] ?? '').trim().toLowerCase();
    const value = (setting[2] ?? '').trim();
    if (value === '') {
      block = name;
      continue;
    }
    if (!/^\s/.test(line)) block = undefined;
    section.settings[block === undefined ? name : `${block}.${name}`] = value;
  }
  return { sections, strayLine };
}
