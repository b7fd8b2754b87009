import { lastRead } from '../files/last-read.ts';
import type { Basic, Identity } from '../kubeconfig/access.ts';
import { AccessError } from '../kubeconfig/access-error.ts';
import { readSource, type Source } from '../kubeconfig/source.ts';
import { headerValue } from './headers.ts';

/** What one request shows. */
export interface Shown {
  /** The header. */
  readonly authorization?: string | undefined;
  readonly certificate?: ClientCertificate | undefined;
}

/** PEM, and where it was said, for messages. */
export interface ClientCertificate {
  readonly cert: { readonly pem: string; readonly field: string };
  readonly key: { readonly pem: string; readonly field: string };
}

/** Where credentials come from. They may be others each time. */
export interface Credentials {
  /** @throws AccessError */
  current(): Promise<Shown>;
  /** Told that the API server did not take these. Says whether there may be others now. */
  refused(shown: Shown): boolean;
}

/** Credentials that stand in a kubeconfig, or in files that it names. The files are read each time, as they rotate. */
export function givenCredentials({ token, tokenFile, basic, certificate }: Identity): Credentials {
  const currentToken = tokenFile === undefined ? () => token : lastRead(() => tokenIn(tokenFile), token);
  const currentCertificate = certificate && lastRead(() => certificateIn(certificate));
  return {
    async current() {
      return {
        authorization: bearer(currentToken()) ?? (basic && basicAuthorization(basic)),
        certificate: currentCertificate?.(),
      };
    },
    refused: () => false,
  };
}

function tokenIn(file: Source): Source {
  const text = readSource(file).trim();
  if (text === '') throw new AccessError(`${file.field}: ${file.file} is empty`);
  return { field: file.field, text };
}

function bearer(token: Source | undefined): string | undefined {
  return token && `Bearer ${headerValue(token.text ?? '', token.field)}`;
}

function basicAuthorization({ username, password }: Basic): string {
  return `Basic ${Buffer.from(`${username}:${password}`).toString('base64')}`;
}

function certificateIn({ cert, key }: NonNullable<Identity['certificate']>): ClientCertificate {
  return {
    cert: { pem: readSource(cert), field: cert.field },
    key: { pem: readSource(key), field: key.field },
  };
}
