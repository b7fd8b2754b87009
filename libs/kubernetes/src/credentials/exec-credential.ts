import { z } from 'zod';
import { parseYaml } from '../files/parse-yaml.ts';
import { AccessError } from '../kubeconfig/access-error.ts';
import type { Plugin } from '../kubeconfig/access.ts';
import type { Shown } from './credentials.ts';
import { headerValue } from './headers.ts';

/** What a plugin has given. */
export interface ExecCredential {
  readonly shown: Shown;
  /** When it ends, in milliseconds since 1970; undefined where it was not said. */
  readonly end: number | undefined;
}

const text = z
  .string({ error: 'expected a text' })
  .nullish()
  .transform((value) => value || undefined);

const schema = z.object(
  {
    kind: z.literal('ExecCredential', { error: 'expected ExecCredential' }),
    apiVersion: z.string({ error: 'expected a text' }),
    status: z.object(
      {
        token: text,
        clientCertificateData: text,
        clientKeyData: text,
        expirationTimestamp: z.iso.datetime({ offset: true, error: 'expected a time of RFC 3339' }).nullish(),
      },
      { error: 'expected a token or a certificate' },
    ),
  },
  { error: 'expected an ExecCredential' },
);

/**
 * Reads what a plugin printed.
 *
 * @throws AccessError, which shows nothing of it
 */
export function readExecCredential(output: string, { exec, field }: Plugin): ExecCredential {
  const wrong = (what: string) =>
    new AccessError(`${field}: what ${exec.command} printed cannot be used: ${what}`);
  const { success, data, error } = schema.safeParse(documentOf(output, wrong));
  if (!success)
    throw wrong(
      error.issues
        .map(({ path, message }) => [path.join('.'), message].filter(Boolean).join(': '))
        .join('; '),
    );
  if (data.apiVersion !== exec.apiVersion) throw wrong(`apiVersion: expected ${exec.apiVersion}`);
  const { token, clientCertificateData: cert, clientKeyData: key, expirationTimestamp } = data.status;
  if ((cert === undefined) !== (key === undefined))
    throw wrong('status: clientCertificateData and clientKeyData: only one of them is set');
  if (token === undefined && cert === undefined) throw wrong('status: expected a token or a certificate');
  const shown = `${field}: status`;
  return {
    shown: {
      authorization: token && `Bearer ${headerValue(token, `${shown}.token`)}`,
      certificate:
        cert && key
          ? {
              cert: { pem: cert, field: `${shown}.clientCertificateData` },
              key: { pem: key, field: `${shown}.clientKeyData` },
            }
          : undefined,
    },
    end: expirationTimestamp == null ? undefined : Date.parse(expirationTimestamp),
  };
}

function documentOf(output: string, wrong: (what: string) => AccessError): unknown {
  try {
    return parseYaml(output);
  } catch (error) {
    throw wrong(`it ${(error as Error).message}`);
  }
}
