import { BlockList, isIP } from 'node:net';

// libs/kubernetes/src/kubeconfig/proxy.ts has the same rules, for the API server. That is on purpose: this library is
// published alone, that one must not need the AWS SDK, and kubectl does not accept spaces between entries.

/**
 * Whether `NO_PROXY` exempts a host. The rules are those of Go's `golang.org/x/net/http/httpproxy`, which AWS's tools
 * in Go follow: `example.com` covers the host and its subdomains, `.example.com` only the subdomains. IP addresses,
 * CIDR ranges, `host:port` and `*` work. Loopback is always exempt.
 */
export function isExempt(noProxy: string, hostname: string, port: number): boolean {
  const host = hostname
    .toLowerCase()
    .replace(/^\[|\]$/g, '')
    .replace(/\.$/, '');
  if (host === 'localhost' || isInRange('127.0.0.0/8', host) || isInRange('::1', host)) return true;
  return noProxy
    .split(/[,\s]+/)
    .filter((entry) => entry !== '')
    .some((entry) => covers(entry.toLowerCase(), host, port));
}

function covers(entry: string, host: string, port: number): boolean {
  if (entry === '*') return true;
  if (entry.includes('/')) return isInRange(entry, host);
  const [, name = entry, entryPort] = isIP(entry) === 0 ? (/^\[?(.*?)\]?(?::(\d+))?$/.exec(entry) ?? []) : [];
  if (entryPort !== undefined && Number(entryPort) !== port) return false;
  if (isIP(name) !== 0) return isInRange(name, host);
  const domain = name.replace(/^\*\./, '.');
  if (domain.startsWith('.')) return host.endsWith(domain);
  return host === domain || (isIP(host) === 0 && host.endsWith(`.${domain}`));
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
