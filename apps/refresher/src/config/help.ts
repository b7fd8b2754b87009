import { createRequire } from 'node:module';
import { parseArgs } from 'node:util';
import { SETTING_ROWS } from './settings.ts';

/** Printed for --help and --version; undefined if the arguments ask for something else. */
export function helpOrVersion(args: readonly string[]): string | undefined {
  const { values } = parseArgs({
    args: [...args],
    options: { help: { type: 'boolean', short: 'h' }, version: { type: 'boolean' } },
    allowPositionals: true,
    strict: false, // other flags may be there too, right or wrong
  });
  if (values.help) return help();
  return values.version ? `refresher ${version()}` : undefined;
}

export function help(): string {
  return `Usage: refresher [command] [options]

Without a command, the refresher checks every managed Secret. It refreshes those
that are due, for example because their credentials expire soon.

${table(COMMANDS)}

Options. An option replaces the environment variable in brackets:

${table([...SETTING_ROWS.map(settingRow), ...OTHERS])}

If no Secret is due, the refresher tests the webhook with a server-side dry run
of a refresh, except with --dry-run.

The last line says how many Secrets were checked, due, refreshed and failed. It
names the first failure with its reason, and the Secret whose credentials expire
first. The refresher uses the API server's clock. With --output json each line
is an object, also for the other commands. If the refresher cannot run, it
prints {"error": ...}.

Exit code: 0 success; 1 a Secret could not be refreshed or filled, the test of
the webhook failed, or the run ended early; 2 not all Secrets could be listed,
the file of profiles has a mistake, or the refresher could not run.`;
}

type Row = readonly [name: string, meaning: string];

const COMMANDS: readonly Row[] = [
  [
    'check NAMESPACE [CONFIGURATION]',
    'writes a Secret into this namespace, and prints whether the webhook filled it; ' +
      'the namespace must be enabled; use a new one; with the name of the ' +
      "installation's MutatingWebhookConfiguration, fails if another installation may fill the same Secrets",
  ],
  ['check-names', 'fails if managed Secrets have other names than those of --secret-names, and names them'],
  ['delete-secrets NS/NAME ...', 'deletes these Secrets if they exist'],
];

const OTHERS: readonly Row[] = [
  [
    'AWS_REGION, AWS_REGIONS, AWS_ROLE_ARN, ECR_TOKEN_ASSUME_ROLE',
    'the same values as for the webhook; a Secret that was filled with other settings is refreshed',
  ],
  ['-h, --help', 'print this text'],
  ['--version', 'print the version'],
];

/** The row of a setting without a flag begins with its variable. */
function settingRow([name, { flag = name, default: byDefault, help }]: (typeof SETTING_ROWS)[number]): Row {
  const notes = [flag === name ? '' : name, byDefault && `default ${byDefault}`].filter(Boolean).join(', ');
  return [flag, notes === '' ? help : `${help} (${notes})`];
}

const WIDTH = 80;
/** Where the second column begins. */
const COLUMN = 30;

/** Two columns. What is too long continues on the next line. */
function table(rows: readonly Row[]): string {
  const lines = rows.flatMap(([name, meaning]) => {
    const left = wrap(name, COLUMN - 3);
    const right = wrap(meaning, WIDTH - COLUMN);
    return Array.from({ length: Math.max(left.length, right.length) }, (_, index) =>
      `  ${left[index] ?? ''}`
        .padEnd(COLUMN)
        .concat(right[index] ?? '')
        .trimEnd(),
    );
  });
  return lines.join('\n');
}

function wrap(text: string, width: number): string[] {
  const lines: string[] = [];
  for (const word of text.split(' ')) {
    const longer = `${lines.at(-1)} ${word}`;
    if (lines.length > 0 && longer.length <= width) lines[lines.length - 1] = longer;
    else lines.push(word);
  }
  return lines;
}

/** From the package.json beside the program. Node reads that file anyway: it makes the program an ES module. */
function version(): string {
  const manifest = createRequire(import.meta.url)('@ecr-anywhere/refresher/package.json') as {
    version: string;
  };
  return manifest.version;
}
