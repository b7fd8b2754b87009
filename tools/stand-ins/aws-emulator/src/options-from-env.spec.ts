import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { optionsFromEnv } from './options-from-env.ts';
import { writeImageLayout } from './testing/image-layout.ts';

describe("the emulator process's environment", () => {
  it('may be empty', () => {
    expect(optionsFromEnv({ PORT: '', SEED: undefined })).toEqual({ port: 4566, host: '127.0.0.1' });
  });

  it('sets the options of the emulator', () => {
    expect(
      optionsFromEnv({
        PORT: '0',
        HOST: '0.0.0.0',
        ACCOUNT: '444455556666',
        REGION: 'eu-west-1',
        TOKEN_LIFETIME_MS: '60000',
        SEED: '7',
      }),
    ).toEqual({
      port: 0,
      host: '0.0.0.0',
      account: '444455556666',
      region: 'eu-west-1',
      tokenLifetime: 60_000,
      seed: 7,
    });
  });

  it('can name the files of a certificate and its key', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'aws-emulator-'));
    try {
      const [CERT_FILE, KEY_FILE] = [join(folder, 'tls.crt'), join(folder, 'tls.key')];
      await Promise.all([writeFile(CERT_FILE, 'certificate'), writeFile(KEY_FILE, 'key')]);

      expect(optionsFromEnv({ CERT_FILE, KEY_FILE, TLS_PORT: '8443' }).tls).toEqual({
        cert: 'certificate',
        key: 'key',
        port: 8443,
      });
    } finally {
      await rm(folder, { recursive: true });
    }
  });

  it('can name the image layout for the registry', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'aws-emulator-'));
    try {
      const { manifest } = writeImageLayout(folder, Buffer.from('layer'));

      expect(optionsFromEnv({ IMAGE_LAYOUT: folder }).image?.manifest.digest).toBe(manifest);
    } finally {
      await rm(folder, { recursive: true });
    }
  });

  it.each([
    [{ PORT: 'http' }, 'PORT: expected a whole number up to 65535'],
    [{ PORT: '65536' }, 'PORT: expected'],
    [{ TOKEN_LIFETIME_MS: '1h' }, 'TOKEN_LIFETIME_MS: expected'],
    [{ SEED: '-1' }, 'SEED: expected'],
    [{ ACCOUNT: '123' }, 'ACCOUNT: expected 12 digits'],
    [{ IMAGE_LAYOUT: '/nowhere' }, 'IMAGE_LAYOUT: expected the folder of an OCI image layout (ENOENT'],
    [{ CERT_FILE: '/tls.crt' }, 'CERT_FILE, KEY_FILE: TLS needs both'],
  ])('is refused as %j, with the name of the variable', (env, message) => {
    expect(() => optionsFromEnv(env)).toThrow(message);
  });
});
