import { keepLast } from '../files/keep-last.ts';
import type { Basic, Identity } from '../kubeconfig/access.ts';
import { AccessError } from '../kubeconfig/access-error.ts';
import { readSource, type Source } from '../kubeconfig/source.ts';
import { headerValue } from './headers.ts';

/** The credentials of one request. */
export interface RequestCredentials {
  /** The value of the header. */
  readonly authorization?: string | undefined;
  readonly certificate?: ClientCertificate | undefined;
}

/** PEM, and the fields of the kubeconfig that they come from, for messages. */
export interface ClientCertificate {
  readonly cert: { readonly pem: string; readonly field: string };
  readonly key: { readonly pem: string; readonly field: string };
}

/** A source of credentials. They may change from request to request. */
export interface Credentials {
  /** @throws AccessError */
  get(): Promise<RequestCredentials>;
  /**
   * The API server did not accept these credentials.
   *
   * @returns whether the next ones may be different
   */
  reject(credentials: RequestCredentials): boolean;
}

/** Credentials in a kubeconfig, or in files that it names. The files are read for each request, because they rotate. */
export function staticCredentials({ token, tokenFile, basic, certificate }: Identity): Credentials {
  const readToken = tokenFile === undefined ? () => token : keepLast(() => readTokenFile(tokenFile), token);
  const readCertificate = certificate && keepLast(() => readKeyPair(certificate));
  return {
    async get() {
      return {
        authorization: bearer(readToken()) ?? (basic && basicAuthorization(basic)),
        certificate: readCertificate?.(),
      };
    },
    reject: () => false,
  };
}

function readTokenFile(file: Source): Source {
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

function readKeyPair({ cert, key }: NonNullable<Identity['certificate']>): ClientCertificate {
  return {
    cert: { pem: readSource(cert), field: cert.field },
    key: { pem: readSource(key), field: key.field },
  };
}
