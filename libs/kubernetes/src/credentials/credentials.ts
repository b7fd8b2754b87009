import type { Identity } from '../kubeconfig/access.ts';
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
  let lastToken = token;
  return {
    async current() {
      if (tokenFile !== undefined) lastToken = tokenIn(tokenFile, lastToken);
      return {
        authorization:
          lastToken === undefined
            ? basic && `Basic ${Buffer.from(`${basic.username}:${basic.password}`).toString('base64')}`
            : `Bearer ${headerValue(lastToken.text ?? '', lastToken.field)}`,
        certificate: certificate && {
          cert: { pem: readSource(certificate.cert), field: certificate.cert.field },
          key: { pem: readSource(certificate.key), field: certificate.key.field },
        },
      };
    },
    refused: () => false,
  };
}

/** The token of a file. Where it cannot be read, the one before still counts. */
function tokenIn(file: Source, before: Source | undefined): Source {
  try {
    const text = readSource(file).trim();
    if (text === '') throw new AccessError(`${file.field}: ${file.file} is empty`);
    return { field: file.field, text };
  } catch (error) {
    if (before === undefined) throw error;
    return before;
  }
}
