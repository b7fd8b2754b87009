import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { ANNOTATIONS } from '@ecr-anywhere/secret-scan';
import { describe, expect, it } from '@jest/globals';
import { CONSUMERS } from '../consumers/index.ts';
import { WRITTEN } from './annotations.ts';

const GITOPS = readFileSync(join(import.meta.dirname, '../../../../docs/gitops.md'), 'utf8');

describe('what docs/gitops.md lets Argo CD ignore', () => {
  it('is each key of a Secret that the webhook fills', () => {
    const ignored = [...GITOPS.matchAll(/"true"\) \| \.data\["(.+)"\]$/gm)].map(([, key]) => key);
    expect(ignored.sort()).toEqual([...new Set(CONSUMERS.flatMap(({ keys }) => keys))].sort());
  });

  it('is each annotation that the webhook or the refresher writes', () => {
    const ignored = [...GITOPS.matchAll(/- \.metadata\.annotations\["(.+)"\]$/gm)].map(([, name]) => name);
    expect(ignored.sort()).toEqual(WRITTEN.map((name) => ANNOTATIONS[name]).sort());
  });
});
