/** The host of a URL, without the brackets of IPv6. */
export function hostOf({ hostname }: URL): string {
  return hostname.replaceAll(/^\[|\]$/g, '');
}

const PORTS: Readonly<Record<string, string>> = { 'http:': '80', 'https:': '443' };
const SOCKS_PORT = '1080';

/** The port of a URL, or the default of its scheme. */
export function portOf({ port, protocol }: URL): string {
  return port || (PORTS[protocol] ?? SOCKS_PORT);
}
