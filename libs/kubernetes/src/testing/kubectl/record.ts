import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Observed } from './observe.ts';

const FILE = join(import.meta.dirname, 'record.json');

/** What kubectl did with each row of the table, by part and title. */
export type KubectlRecord = Readonly<Record<string, Readonly<Record<string, Observed>>>>;

export function readRecord(): KubectlRecord {
  return JSON.parse(readFileSync(FILE, 'utf8')) as KubectlRecord;
}

export function writeRecord(record: KubectlRecord): void {
  writeFileSync(FILE, `${JSON.stringify(record, undefined, 2)}\n`);
}
