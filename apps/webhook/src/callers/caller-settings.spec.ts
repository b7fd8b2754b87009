import { SettingsError } from '@ecr-anywhere/settings';
import { describe, expect, it } from '@jest/globals';
import { readConfig } from '../config.ts';

const REGION = { AWS_REGION: 'eu-west-1' };

function mistakesOf(env: Record<string, string>): readonly string[] {
  try {
    readConfig({ ...REGION, ...env });
  } catch (error) {
    if (error instanceof SettingsError) return error.mistakes;
    throw error;
  }
  return [];
}

describe('the settings of callers', () => {
  const chosen = (env: Record<string, string>) => readConfig({ ...REGION, ...env }).callers;

  it('let everybody ask by default', () => {
    expect(chosen({})).toEqual([{ mode: 'none' }]);
  });

  it('choose a mode, and others that are accepted as well', () => {
    const files = { CALLER_PATH_FILE: '/keys', CALLER_CA_FILE: '/ca', CALLER_NAMES_FILE: '/names' };
    expect(
      chosen({ ...files, CALLER_MODE: 'clientCertificate', CALLER_ALSO_ACCEPT: 'path, none,path' }),
    ).toEqual([
      { mode: 'clientCertificate', caFile: '/ca', namesFile: '/names' },
      { mode: 'path', file: '/keys' },
      { mode: 'none' },
    ]);
  });

  it('name the resource of the aggregation layer', () => {
    const env = { CALLER_MODE: 'aggregated', CALLER_API: 'ecr-anywhere.example.com/v1beta1/reviews' };
    expect(chosen({ ...env, CALLER_ALSO_ACCEPT: 'aggregated' })).toEqual([
      {
        mode: 'aggregated',
        api: { group: 'ecr-anywhere.example.com', version: 'v1beta1', resource: 'reviews' },
        environment: expect.objectContaining(env),
      },
    ]);
  });

  it.each([
    'reviews',
    'group/v1/reviews',
    'a.b/v1',
    'a.b/v1/reviews/x',
    'a.b/1/reviews',
    'a.b/v1/:any',
    'A.b/v1/r',
  ])('refuse %s as a resource, once', (api) => {
    expect(mistakesOf({ CALLER_MODE: 'aggregated', CALLER_API: api })).toEqual([
      expect.stringMatching(/^CALLER_API: expected GROUP\/VERSION\/RESOURCE/),
    ]);
  });

  it('refuse unknown modes', () => {
    expect(mistakesOf({ CALLER_MODE: 'token', CALLER_ALSO_ACCEPT: 'path,mtls' })).toEqual([
      'CALLER_MODE: expected none, path, clientCertificate or aggregated, not "token"',
      'CALLER_ALSO_ACCEPT: expected none, path, clientCertificate or aggregated, separated by commas, not "path,mtls"',
    ]);
  });

  it('report everything that the modes lack, at once', () => {
    expect(mistakesOf({ CALLER_MODE: 'path', CALLER_ALSO_ACCEPT: 'clientCertificate' })).toEqual([
      'CALLER_PATH_FILE: the mode path of callers needs it',
      'CALLER_CA_FILE: the mode clientCertificate of callers needs it',
      'CALLER_NAMES_FILE: the mode clientCertificate of callers needs it',
    ]);
    expect(mistakesOf({ CALLER_MODE: 'aggregated', CALLER_API: '' })).toEqual([
      'CALLER_API: the mode aggregated of callers needs it',
    ]);
  });

  it('refuse two modes with certificates of clients, as TLS cannot tell their CAs apart', () => {
    expect(
      mistakesOf({
        CALLER_MODE: 'aggregated',
        CALLER_ALSO_ACCEPT: 'clientCertificate',
        CALLER_API: 'a.b/v1/reviews',
        CALLER_CA_FILE: '/ca',
        CALLER_NAMES_FILE: '/names',
      }),
    ).toEqual([expect.stringContaining('by way of path')]);
  });
});
