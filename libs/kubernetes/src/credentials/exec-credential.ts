import * as z from 'zod';
import { parseYaml } from '../files/parse-yaml.ts';
import { AccessError } from '../kubeconfig/access-error.ts';
import type { Plugin } from '../kubeconfig/access.ts';
import type { RequestCredentials } from './credentials.ts';
import { headerValue } from './headers.ts';

/** What a plugin printed. */
export interface ExecCredential {
  readonly credentials: RequestCredentials;
  /** In milliseconds since 1970; undefined if the plugin did not say. */
  readonly expiresAt: number | undefined;
}

const text = z
  .string({ error: 'expected a string' })
  .nullish()
  .transform((value) => value || undefined);

const schema = z.object(
  {
    kind: z.literal('ExecCredential', { error: 'expected ExecCredential' }),
    apiVersion: z.string({ error: 'expected a string' }),
    status: z.object(
      {
        token: text,
        clientCertificateData: text,
        clientKeyData: text,
        expirationTimestamp: z.iso.datetime({ offset: true, error: 'expected an RFC 3339 time' }).nullish(),
      },
      { error: 'expected a token or a certificate' },
    ),
  },
  { error: 'expected an ExecCredential' },
);

/**
 * Reads what a plugin printed.
 *
 * @throws AccessError, without anything that the plugin printed
 */
export function readExecCredential(output: string, { exec, field }: Plugin): ExecCredential {
  const unusable = (what: string) =>
    new AccessError(`${field}: the output of ${exec.command} cannot be used: ${what}`);
  const { success, data, error } = schema.safeParse(documentOf(output, unusable));
  if (!success)
    throw unusable(
      error.issues
        .map(({ path, message }) => [path.join('.'), message].filter(Boolean).join(': '))
        .join('; '),
    );
  if (data.apiVersion !== exec.apiVersion) throw unusable(`apiVersion: expected ${exec.apiVersion}`);
  const { token, clientCertificateData: cert, clientKeyData: key, expirationTimestamp } = data.status;
  if ((cert === undefined) !== (key === undefined))
    throw unusable('status: clientCertificateData and clientKeyData must be set together');
  if (token === undefined && cert === undefined) throw unusable('status: expected a token or a certificate');
  const status = `${field}: status`;
  return {
    credentials: {
      authorization: token && `Bearer ${headerValue(token, `${status}.token`)}`,
      certificate:
        cert && key
          ? {
              cert: { pem: cert, field: `${status}.clientCertificateData` },
              key: { pem: key, field: `${status}.clientKeyData` },
            }
          : undefined,
    },
    expiresAt: expirationTimestamp == null ? undefined : Date.parse(expirationTimestamp),
  };
}

function documentOf(output: string, unusable: (what: string) => AccessError): unknown {
  try {
    return parseYaml(output);
  } catch (error) {
    throw unusable(`it ${(error as Error).message}`);
  }
}
