import { readFileSync } from 'node:fs';
import type { Image } from './registry/image.ts';
import { readImageLayout } from './registry/image-layout.ts';
import type { AwsEmulatorOptions } from './aws-emulator.ts';

type Environment = Readonly<Record<string, string | undefined>>;

/**
 * Reads the options from the environment: `PORT` (4566) and `HOST` (127.0.0.1), `ACCOUNT`, `REGION`,
 * `TOKEN_LIFETIME_MS`, `SEED`, `IMAGE_LAYOUT`, a folder, and for TLS `CERT_FILE` and `KEY_FILE`, with `TLS_PORT` (any
 * free one).
 *
 * @throws TypeError that names the variable and what it expects
 */
export function optionsFromEnv(env: Environment): AwsEmulatorOptions {
  const account = env['ACCOUNT'] || undefined;
  if (account !== undefined && !/^\d{12}$/.test(account)) throw new TypeError('ACCOUNT: expected 12 digits');
  const tokenLifetime = integer(env, 'TOKEN_LIFETIME_MS', Number.MAX_SAFE_INTEGER);
  const seed = integer(env, 'SEED', 2 ** 32 - 1);
  return {
    port: integer(env, 'PORT', 65_535) ?? 4566,
    host: env['HOST'] || '127.0.0.1',
    ...(account !== undefined && { account }),
    ...(env['REGION'] && { region: env['REGION'] }),
    ...(tokenLifetime !== undefined && { tokenLifetime }),
    ...(seed !== undefined && { seed }),
    ...(env['IMAGE_LAYOUT'] && { image: readImage(env['IMAGE_LAYOUT']) }),
    ...readTls(env),
  };
}

function readImage(folder: string): Image {
  try {
    return readImageLayout(folder);
  } catch (cause) {
    const { message } = cause as Error;
    throw new TypeError(`IMAGE_LAYOUT: expected the folder of an OCI image layout (${message})`, { cause });
  }
}

function readTls(env: Environment): Pick<AwsEmulatorOptions, 'tls'> {
  const { CERT_FILE, KEY_FILE } = env;
  if (!CERT_FILE && !KEY_FILE) return {};
  if (!CERT_FILE || !KEY_FILE) throw new TypeError('CERT_FILE, KEY_FILE: TLS needs both');
  return {
    tls: {
      cert: readFileSync(CERT_FILE, 'utf8'),
      key: readFileSync(KEY_FILE, 'utf8'),
      port: integer(env, 'TLS_PORT', 65_535) ?? 0,
    },
  };
}

function integer(env: Environment, name: string, most: number): number | undefined {
  const text = env[name];
  if (!text) return undefined;
  const value = Number(text);
  if (!/^\d+$/.test(text) || value > most)
    throw new TypeError(`${name}: expected a whole number up to ${most}`);
  return value;
}
