import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { askOurs } from './testing/kubectl/ask-ours.ts';
import { TABLE } from './testing/kubectl/cases/index.ts';
import { observeRow } from './testing/kubectl/observe-row.ts';
import { readRecord } from './testing/kubectl/record.ts';
import { startWorld, type World } from './testing/kubectl/world.ts';

// The record says what kubectl does with these kubeconfigs. src/kubectl.spec.ts compares it with kubectl itself.
const record = readRecord();

let world: World;
beforeAll(async () => {
  world = await startWorld();
});
afterAll(() => world.stop());

describe.each(Object.entries(TABLE))(
  'the request is the same as kubectl’s, or is refused with the name of a field (%s)',
  (part, rows) => {
    it.each(rows.map((row) => [row.where, row] as const))('if %s', async (where, row) => {
      const byKubectl = record[part]?.[where];
      const { observed, reason } = await observeRow(world, row, askOurs);
      if (row.names === undefined) return expect(observed).toEqual(byKubectl);
      expect(observed).toBe('refused');
      expect(reason).toContain(row.names);
      expect(byKubectl === 'refused').toBe(row.stricter === undefined);
    });
  },
);

it('the record has all rows of the table, and no others', () => {
  const rows = Object.entries(TABLE).map(([part, rows]) => [part, rows.map(({ where }) => where)]);
  expect(Object.entries(record).map(([part, rows]) => [part, Object.keys(rows)])).toEqual(rows);
});
