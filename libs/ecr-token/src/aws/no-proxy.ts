import { BlockList, isIP } from 'node:net';

/**
 * Whether `NO_PROXY` exempts a host, by the rules of Go's `golang.org/x/net/http/httpproxy`, which the AWS tools written
 * in Go follow: `example.com` also covers its subdomains, `.example.com` only them; addresses, CIDR ranges, `host:port`
 * and `*` work; loopback is always exempt.
 */
export function isExempt(noProxy: string, hostname: string, port: number): boolean {
  const host = hostname
    .toLowerCase()
    .replace(/^\[|\]$/g, '')
    .replace(/\.$/, '');
  if (host === 'localhost' || host === '::1' || host.startsWith('127.')) return true;
  return noProxy
    .split(/[,\s]+/)
    .filter((entry) => entry !== '')
    .some((entry) => covers(entry.toLowerCase(), host, port));
}

function covers(entry: string, host: string, port: number): boolean {
  if (entry === '*') return true;
  if (entry.includes('/')) return inRange(entry, host);
  const [, name = entry, entryPort] = isIP(entry) === 0 ? (/^\[?(.*?)\]?(?::(\d+))?$/.exec(entry) ?? []) : [];
  if (entryPort !== undefined && Number(entryPort) !== port) return false;
  const domain = name.replace(/^\*\./, '.');
  if (domain.startsWith('.')) return host.endsWith(domain);
  return host === domain || (isIP(host) === 0 && host.endsWith(`.${domain}`));
}

function inRange(range: string, host: string): boolean {
  const version = isIP(host);
  const [network = '', prefix = ''] = range.split('/');
  if (version === 0 || isIP(network) !== version || !/^\d{1,3}$/.test(prefix)) return false;
  if (Number(prefix) > (version === 4 ? 32 : 128)) return false;
  const family = version === 4 ? 'ipv4' : 'ipv6';
  const list = new BlockList();
  list.addSubnet(network, Number(prefix), family);
  return list.check(host, family);
}
