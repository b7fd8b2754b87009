import { describe, expect, it } from '@jest/globals';
import { readiness } from './readiness.ts';

const READY = { isDraining: false, certificate: 'was-valid', hadToken: true } as const;
const nobodyElse = async () => 'none' as const;
const anotherHoldsOne = async () => 'holds' as const;

describe('a replica', () => {
  it('is ready with a certificate and a token, through any outage', async () => {
    expect(await readiness(READY, anotherHoldsOne)).toBeUndefined();
  });

  it('is unready without a certificate', async () => {
    expect(await readiness({ ...READY, certificate: 'none' }, nobodyElse)).toContain('certificate');
  });

  it('is unready with an invalid certificate while another replica works: a bad rollout replaces nothing', async () => {
    const state = { ...READY, certificate: 'never-valid' } as const;
    expect(await readiness(state, anotherHoldsOne)).toContain('certificate is not valid');
  });

  it('is ready with an invalid certificate if no other replica works: the API server then says what is wrong', async () => {
    const state = { ...READY, certificate: 'never-valid' } as const;
    expect(await readiness(state, nobodyElse)).toBeUndefined();
    // A single replica that asks through the Service reaches itself, and does not trust its own certificate.
    expect(await readiness(state, async () => 'unclear')).toBeUndefined();
  });

  it('is unready without a first token while another replica holds one: a bad rollout replaces nothing', async () => {
    expect(await readiness({ ...READY, hadToken: false }, anotherHoldsOne)).toContain('token');
  });

  it('is ready without a first token if no other replica holds one: a first installation refuses with the reason', async () => {
    expect(await readiness({ ...READY, hadToken: false }, nobodyElse)).toBeUndefined();
  });

  it('is unready without a first token while another replica that may hold one does not answer in time', async () => {
    const slow = async () => 'unclear' as const;
    expect(await readiness({ ...READY, hadToken: false }, slow)).toContain('does not answer properly');
  });

  it('is unready as soon as it shuts down', async () => {
    expect(await readiness({ ...READY, isDraining: true }, nobodyElse)).toContain('shutting down');
  });
});
