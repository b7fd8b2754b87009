import { join } from 'node:path';
import { beforeAll, describe, expect, it } from '@jest/globals';
import { readmeExamples, runExamples, undocumentedExports } from '../../../tools/build/library-readme.mjs';
import type { AdmissionReviewResponse } from './admission-review.ts';

const project = join(import.meta.dirname, '..');

describe('the webhook in the README', () => {
  let answer: (body: unknown) => AdmissionReviewResponse;

  beforeAll(async () => {
    const [example] = await readmeExamples(project);
    ({ answer } = (await import(example?.file ?? '')) as { answer: typeof answer });
  });

  const review = (namespace?: string) => ({
    apiVersion: 'admission.k8s.io/v1',
    kind: 'AdmissionReview',
    request: {
      uid: '1',
      kind: { group: '', version: 'v1', kind: 'Pod' },
      resource: { group: '', version: 'v1', resource: 'pods' },
      operation: 'CREATE',
      object: {},
      ...(namespace && { namespace }),
    },
  });

  it('labels an object with its namespace', () => {
    const { allowed, patch = '' } = answer(review('blue')).response;
    expect(allowed).toBe(true);
    expect(JSON.parse(Buffer.from(patch, 'base64').toString())).toEqual([
      { op: 'add', path: '/metadata/labels/example.com~1team', value: 'blue' },
    ]);
  });

  it('refuses an object without one', () => {
    expect(answer(review()).response).toMatchObject({ allowed: false, status: { code: 422 } });
  });

  it('throws AdmissionDecodeError for what is no review', () => {
    expect(() => answer({ kind: 'Pod' })).toThrow(
      expect.objectContaining({ name: 'AdmissionDecodeError', code: 'not-a-review' }),
    );
  });
});

it('the other examples of the README print what they say', async () => {
  for (const { printed, prints } of await runExamples((await readmeExamples(project)).slice(1)))
    expect(printed).toEqual(prints);
});

it('the README names every export', async () => {
  expect(await undocumentedExports(project)).toEqual([]);
});
