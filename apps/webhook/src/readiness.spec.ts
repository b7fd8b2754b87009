import { describe, expect, it } from '@jest/globals';
import { readiness } from './readiness.ts';

const READY = { isDraining: false, hasCertificate: true, hadToken: true };
const nobodyElse = async () => 'none' as const;
const anotherHoldsOne = async () => 'holds' as const;

describe('a replica', () => {
  it('is ready with a certificate and a token, through any outage', async () => {
    expect(await readiness(READY, anotherHoldsOne)).toBeUndefined();
  });

  it('is unready without a certificate', async () => {
    expect(await readiness({ ...READY, hasCertificate: false }, nobodyElse)).toContain('certificate');
  });

  it('is unready without a first token while another one holds one: a bad rollout replaces nothing', async () => {
    expect(await readiness({ ...READY, hadToken: false }, anotherHoldsOne)).toContain('token');
  });

  it('is ready without a first token where nobody has one: a first installation refuses with the reason', async () => {
    expect(await readiness({ ...READY, hadToken: false }, nobodyElse)).toBeUndefined();
  });

  it('is unready without a first token while another one that may hold one is too slow to say so', async () => {
    const slow = async () => 'unclear' as const;
    expect(await readiness({ ...READY, hadToken: false }, slow)).toContain('does not answer properly');
  });

  it('is unready as soon as it shuts down', async () => {
    expect(await readiness({ ...READY, isDraining: true }, nobodyElse)).toContain('shutting down');
  });
});
