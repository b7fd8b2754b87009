import { BlockList, isIP } from 'node:net';
import type { Proxy } from './access.ts';
import { AccessError } from './access-error.ts';
import type { Environment } from './load-kubeconfig.ts';

const NO_PROXY_URL = 'expected a URL with http://, https:// or socks5://';

/**
 * The proxy of the field `proxy-url`, which wins over the environment, NO_PROXY and all.
 *
 * @param field - where it was said, for messages
 * @throws AccessError where it is no URL
 */
export function proxyOfField(text: string, field: string): Proxy {
  const url = proxyUrl(text);
  if (url === undefined) throw new AccessError(`${field}: ${NO_PROXY_URL}`);
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

const DEFAULT_PORTS: Readonly<Record<string, string>> = { 'http:': '80', 'https:': '443' };

/**
 * The proxy that the environment names for a server, by the rules of Go's `golang.org/x/net/http/httpproxy`, which kubectl
 * follows: none for this machine itself, nor for what NO_PROXY has.
 *
 * @throws AccessError where it is no URL
 */
export function proxyFromEnvironment(server: URL, env: Environment): Proxy | undefined {
  const names = server.protocol === 'https:' ? ['HTTPS_PROXY', 'https_proxy'] : ['HTTP_PROXY', 'http_proxy'];
  const setting = names.find((name) => env[name]);
  const host = server.hostname.replaceAll(/^\[|\]$/g, '');
  const port = server.port || (DEFAULT_PORTS[server.protocol] ?? '');
  if (setting === undefined || isExempt(env['NO_PROXY'] || env['no_proxy'] || '', host, port))
    return undefined;
  const text = env[setting] ?? '';
  const url = proxyUrl(text.includes('://') ? text : `http://${text}`);
  if (url === undefined) throw new AccessError(`${setting}: ${NO_PROXY_URL}`);
  return { url, setting };
}

// The same rules stand in libs/ecr-token/src/connection/no-proxy.ts, for AWS. That is on purpose: that library is published by
// itself, this one does without the AWS SDK, and kubectl takes no spaces between entries, as curl does.

/** Whether a list such as `example.com, .example.org:8443, 10.0.0.0/8` has a host: an address, or a name in small letters. */
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
