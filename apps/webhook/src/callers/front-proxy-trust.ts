import type { X509Certificate } from 'node:crypto';
import { caCertificates, pemOf } from './ca-certificates.ts';
import type { AllowedNames } from './certificate-refusal.ts';

/** Whom to take for the API server's front proxy. */
export interface FrontProxyTrust {
  /** PEM. */
  readonly ca: string;
  readonly names: AllowedNames;
}

/** The headers that the aggregation layer sends, whatever the API server's flags say. */
const HEADERS = {
  'requestheader-username-headers': 'X-Remote-User',
  'requestheader-group-headers': 'X-Remote-Group',
  'requestheader-extra-headers-prefix': 'X-Remote-Extra-',
};

const CA = 'requestheader-client-ca-file';
const NAMES = 'requestheader-allowed-names';
const CLIENT_CA = 'client-ca-file';

/**
 * Reads the ConfigMap in which the API server says how to recognize its front proxy.
 *
 * @throws Error that says which key cannot be used, and why
 */
export function frontProxyTrust(configMap: unknown): FrontProxyTrust {
  const data = dataOf(configMap);
  const ca = data[CA];
  if (ca === undefined)
    throw new Error(`${CA} is missing: the API server has no front proxy (--requestheader-client-ca-file)`);
  for (const [key, header] of Object.entries(HEADERS)) {
    const headers = stringsOf(data, key);
    if (headers.length !== 1 || headers[0]?.toLowerCase() !== header.toLowerCase())
      throw new Error(`${key} is ${quoted(headers)}; only ["${header}"] is supported`);
  }
  const certificates = caCertificates(ca, CA);
  const names = stringsOf(data, NAMES);
  if (names.length > 0) return { ca: pemOf(certificates), names };
  const clientCa = data[CLIENT_CA];
  const clients = clientCa === undefined ? [] : caCertificates(clientCa, CLIENT_CA);
  if (clients.some((client) => certificates.some((one) => vouchesFor(one, client))))
    throw new Error(
      `${NAMES} is empty, and the CA of the front proxy also issues certificates of users: every user would pass for the API server; set --requestheader-allowed-names`,
    );
  return { ca: pemOf(certificates), names: 'any' };
}

/** Names of headers are short. More could only fill the log. */
const MOST_QUOTED = 200;

function quoted(headers: readonly string[]): string {
  const text = JSON.stringify(headers);
  return text.length <= MOST_QUOTED ? text : `${text.slice(0, MOST_QUOTED)}…`;
}

type Data = Readonly<Record<string, string>>;

function dataOf(configMap: unknown): Data {
  const { data } = (configMap ?? {}) as { data?: unknown };
  const isData =
    typeof data === 'object' &&
    data !== null &&
    Object.values(data).every((value) => typeof value === 'string');
  if (!isData) throw new Error('it holds no data');
  return data as Data;
}

/** A list of texts, in JSON. A key that is missing is an empty list, as in k8s.io/apiserver. */
function stringsOf(data: Data, key: string): readonly string[] {
  const text = data[key] ?? '';
  if (text === '') return [];
  const list = parse(text);
  if (!Array.isArray(list) || !list.every((item) => typeof item === 'string' && item !== ''))
    throw new Error(`${key} is not a list of texts in JSON`);
  return list as string[];
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** Whether what a CA signs is also valid for another CA: both have the same key, or it has issued the other one. */
function vouchesFor(one: X509Certificate, other: X509Certificate): boolean {
  if (one.publicKey.equals(other.publicKey)) return true;
  return other.checkIssued(one) && other.verify(one.publicKey);
}
