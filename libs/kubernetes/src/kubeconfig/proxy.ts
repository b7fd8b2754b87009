import { BlockList, isIP } from 'node:net';
import type { Proxy } from './access.ts';
import { hostOf, portOf } from './address.ts';
import { AccessError } from './access-error.ts';
import type { Environment } from './load-kubeconfig.ts';

const EXPECTED = 'expected a URL with http://, https:// or socks5://';

/**
 * The proxy of the field `proxy-url`. It takes precedence over the environment, NO_PROXY included.
 *
 * @param field - where it comes from, for messages
 * @throws AccessError if it is not a URL
 */
export function proxyOfField(text: string, field: string): Proxy {
  const url = proxyUrl(text);
  if (url === undefined) throw new AccessError(`${field}: ${EXPECTED}`);
  return { url, setting: field };
}

function proxyUrl(text: string): URL | undefined {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  const isProxy =
    url && url.hostname !== '' && ['http:', 'https:', 'socks5:', 'socks5h:'].includes(url.protocol);
  return isProxy && isDecodable(url.username) && isDecodable(url.password) ? url : undefined;
}

function isDecodable(text: string): boolean {
  return !/%(?![\da-f]{2})/i.test(text);
}

/**
 * The proxy that the environment names for a server, by the rules of Go's `golang.org/x/net/http/httpproxy`, as in kubectl.
 * There is none for this machine itself, and none for servers in NO_PROXY.
 *
 * @throws AccessError if it is not a URL
 */
export function proxyFromEnvironment(server: URL, env: Environment): Proxy | undefined {
  const names = server.protocol === 'https:' ? ['HTTPS_PROXY', 'https_proxy'] : ['HTTP_PROXY', 'http_proxy'];
  const setting = names.find((name) => env[name]);
  if (
    setting === undefined ||
    isExempt(env['NO_PROXY'] || env['no_proxy'] || '', hostOf(server), portOf(server))
  )
    return undefined;
  const text = env[setting] ?? '';
  const url = proxyUrl(text.includes('://') ? text : `http://${text}`);
  if (url === undefined) throw new AccessError(`${setting}: ${EXPECTED}`);
  return { url, setting };
}

// libs/ecr-token has the same rules for AWS. The duplicate is intended: that library is published and stands alone, this one
// does not need the AWS SDK, and kubectl allows no spaces between entries.

/**
 * Whether a list such as `example.com,.example.org:8443,10.0.0.0/8` contains a host.
 *
 * @param host - an address, or a name in lower case
 */
export function isExempt(noProxy: string, host: string, port: string): boolean {
  if (host === 'localhost' || isLoopback(host)) return true;
  const entries = noProxy.split(',').map((entry) => entry.trim().toLowerCase());
  return entries.some((entry) => entry !== '' && covers(entry, host, port));
}

function covers(entry: string, host: string, port: string): boolean {
  if (entry === '*') return true;
  if (entry.includes('/')) return isInRange(entry, host);
  const { name, onlyPort } = partsOf(entry);
  if (name === '' || (onlyPort !== undefined && onlyPort !== port)) return false;
  if (isIP(name) !== 0) return isInRange(name, host);
  const domain = name.replace(/^\*\./, '.');
  if (domain.startsWith('.')) return host.endsWith(domain);
  return host === domain || host.endsWith(`.${domain}`);
}

function partsOf(entry: string): { name: string; onlyPort: string | undefined } {
  if (isIP(entry) !== 0) return { name: entry, onlyPort: undefined };
  const [, name = '', onlyPort] = /^\[?(.*?)\]?(?::(\d*))?$/.exec(entry) ?? [];
  return { name, onlyPort: onlyPort || undefined };
}

function isLoopback(host: string): boolean {
  return isInRange('127.0.0.0/8', host) || isInRange('::1', host);
}

/** @param range - an address, or `address/bits` */
function isInRange(range: string, host: string): boolean {
  const [network = '', bits] = range.split('/');
  const version = isIP(network);
  if (version === 0 || isIP(host) !== version) return false;
  const most = version === 4 ? 32 : 128;
  const prefix = bits === undefined ? most : /^\d{1,3}$/.test(bits) ? Number(bits) : Infinity;
  if (prefix > most) return false;
  const family = version === 4 ? 'ipv4' : 'ipv6';
  const list = new BlockList();
  list.addSubnet(network, prefix, family);
  return list.check(host, family);
}
