import { format, inspect } from 'node:util';
import { describe, expect, it } from '@jest/globals';
import { EcrTokenError, isEcrTokenError } from '../errors/error.ts';
import { EcrToken } from './token.ts';

const token = new EcrToken({
  username: 'AWS',
  password: 'canary',
  region: 'eu-west-1',
  issuedAt: new Date(0),
  expiresAt: new Date(1),
});

describe('a token', () => {
  it('has a password', () => expect(token.password).toBe('canary'));

  it.each([
    ['as a string', `${token}`],
    ['as JSON', JSON.stringify({ nested: [token] })],
    [
      'inspected to any depth',
      inspect({ nested: [token] }, { depth: Infinity, showHidden: true, getters: false }),
    ],
    ['with getters', inspect({ nested: [token] }, { depth: Infinity, showHidden: true, getters: true })],
    ['in a format', format('%s %o %O %j', token, token, token, token)],
    ['spread', JSON.stringify({ ...token })],
    ['in an error', inspect(new Error('x', { cause: token }))],
  ])('never prints it %s', (_, text) => expect(text).not.toContain('canary'));
});

describe('an error', () => {
  it.each([
    ['network', true],
    ['throttled', true],
    ['timeout', true],
    ['role-denied', false],
    ['credentials-missing', false],
    ['invalid-settings', false],
  ] as const)('says whether waiting may help: %s %s', (code, transient) => {
    expect(new EcrTokenError({ code, message: 'm', remedy: 'r' }).transient).toBe(transient);
  });

  it('may have another value of transient than is usual for its code', () => {
    const init = { message: 'm', remedy: 'r' };
    expect(new EcrTokenError({ code: 'bad-response', ...init }).transient).toBe(true);
    expect(new EcrTokenError({ code: 'bad-response', transient: false, ...init }).transient).toBe(false);
  });

  it('has mistakes if it is about settings, even for a single mistake; other errors have none', () => {
    const init = { message: 'm', remedy: 'r' };
    expect(new EcrTokenError({ code: 'invalid-settings', ...init }).mistakes).toEqual([init]);
    expect(new EcrTokenError({ code: 'network', ...init }).mistakes).toEqual([]);
  });

  it('is recognised by its brand, from any copy of the library', () => {
    expect(isEcrTokenError(new EcrTokenError({ code: 'network', message: 'm', remedy: 'r' }))).toBe(true);
    const ofAnotherCopy = Object.defineProperty(
      new Error(),
      Symbol.for('@ecr-anywhere/ecr-token/EcrTokenError'),
      { value: true },
    );
    expect(isEcrTokenError(ofAnotherCopy)).toBe(true);
    for (const value of [undefined, null, 'network', new Error('network')])
      expect(isEcrTokenError(value)).toBe(false);
  });
});
