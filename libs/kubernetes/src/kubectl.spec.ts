import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { askWith } from './testing/kubectl/ask-kubectl.ts';
import { TABLE } from './testing/kubectl/cases/index.ts';
import { observeRow } from './testing/kubectl/observe-row.ts';
import type { Observed } from './testing/kubectl/observe.ts';
import { readRecord, writeRecord } from './testing/kubectl/record.ts';
import { startWorld, type World } from './testing/kubectl/world.ts';

// Needs kubectl, and is therefore not part of `npm test`: see jest.kubectl.mjs.
const kubectl = process.env['KUBECTL'] ?? 'kubectl';
const record = readRecord();
const observations: Record<string, Record<string, Observed>> = {};

let world: World;
beforeAll(async () => {
  world = await startWorld();
});
afterAll(() => {
  world.stop();
  if (process.env['RECORD']) writeRecord(observations);
});

describe.each(Object.entries(TABLE))('kubectl does what the record says (%s)', (part, rows) => {
  it.each(rows.map((row) => [row.where, row] as const))('if %s', async (where, row) => {
    const { observed, reason } = await observeRow(world, row, askWith(kubectl));
    (observations[part] ??= {})[where] = observed;
    if (observed === 'refused') expect(reason).not.toBe('');
    if (!process.env['RECORD']) expect(observed).toEqual(record[part]?.[where]);
  });
});
