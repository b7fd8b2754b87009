import { cp, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { command } from '../cluster/command.ts';
import { CHART } from './release.ts';

/** A default that the next version changes. */
export const CHANGED_DEFAULT = { path: 'webhook.awsTimeout', before: '15s', after: '14s' };

export const NEXT_VERSION = '99.0.0';

/** A packaged chart. */
export interface PackagedChart {
  readonly file: string;
  remove(): Promise<void>;
}

/** Packages the chart of this checkout as the version after it, with a changed default. */
export async function packageNextVersion(): Promise<PackagedChart> {
  const folder = await mkdtemp(join(tmpdir(), 'next-version-'));
  const chart = join(folder, 'chart');
  await cp(CHART, chart, { recursive: true });
  const values = await readFile(join(chart, 'values.yaml'), 'utf8');
  const changed = values.replace(
    `  awsTimeout: ${CHANGED_DEFAULT.before}\n`,
    `  awsTimeout: ${CHANGED_DEFAULT.after}\n`,
  );
  if (changed === values)
    throw new Error(`${CHANGED_DEFAULT.path} is not ${CHANGED_DEFAULT.before} any more`);
  await writeFile(join(chart, 'values.yaml'), changed);
  await command('helm', ['package', chart, '--version', NEXT_VERSION, '--destination', folder]);
  return {
    file: join(folder, `ecr-anywhere-${NEXT_VERSION}.tgz`),
    remove: () => rm(folder, { recursive: true }),
  };
}
