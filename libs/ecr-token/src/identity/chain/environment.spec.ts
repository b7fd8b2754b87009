import { describe, expect, it } from '@jest/globals';
import { keysInEnvironment } from './environment.ts';

describe('keys in variables', () => {
  it('are read without a line end', () => {
    const env = {
      AWS_ACCESS_KEY_ID: 'AKIA\n',
      AWS_SECRET_ACCESS_KEY: 'secret\r\n',
      AWS_SESSION_TOKEN: ' session\n',
    };
    expect(keysInEnvironment(env)).toEqual({
      credentials: { accessKeyId: 'AKIA', secretAccessKey: 'secret', sessionToken: 'session' },
      source: 'the keys in AWS_ACCESS_KEY_ID',
      roles: [],
    });
  });

  it('expire when a variable says so', () => {
    const AWS_CREDENTIAL_EXPIRATION = '2030-01-02T03:04:05Z';
    const found = keysInEnvironment({
      AWS_ACCESS_KEY_ID: 'A',
      AWS_SECRET_ACCESS_KEY: 's',
      AWS_CREDENTIAL_EXPIRATION,
    });
    expect(found).toMatchObject({ credentials: { expiration: new Date(AWS_CREDENTIAL_EXPIRATION) } });
  });

  it('are refused without the secret, as by the AWS CLI', () => {
    expect(() => keysInEnvironment({ AWS_ACCESS_KEY_ID: 'AKIA', AWS_SECRET_ACCESS_KEY: ' ' })).toThrow(
      'AWS_ACCESS_KEY_ID is set, but AWS_SECRET_ACCESS_KEY is not',
    );
  });

  it('are not used without the key id, as by the AWS CLI; the error says so if nothing else is found', () => {
    expect(keysInEnvironment({ AWS_SECRET_ACCESS_KEY: 'planted' })).toEqual({
      absent: true,
      notes: ['AWS_SECRET_ACCESS_KEY is set, but AWS_ACCESS_KEY_ID is not'],
    });
    expect(keysInEnvironment({})).toEqual({ absent: true, notes: [] });
  });
});
