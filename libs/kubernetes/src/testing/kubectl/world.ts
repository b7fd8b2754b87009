import { generateKeyPairSync } from 'node:crypto';
import { testAuthority, type KeyPair } from '../authority.ts';
import { startApiServers, type ApiServers } from './api-servers.ts';
import { startProxies, type Proxies } from './proxies.ts';

/** The servers and certificates that the kubeconfigs of the table use. */
export interface World {
  readonly apiServers: ApiServers;
  readonly proxies: Proxies;
  /** PEM of the CA of all servers. */
  readonly ca: string;
  /** PEM of a CA that has issued no server's certificate. */
  readonly otherCa: string;
  readonly client: KeyPair;
  readonly otherClient: KeyPair;
  /** The key of `client`, encrypted, PEM. */
  readonly encryptedKey: string;
  stop(): void;
}

export async function startWorld(): Promise<World> {
  const authority = await testAuthority('servers');
  const other = await testAuthority('others');
  // 192.0.2.1 is missing on purpose.
  const server = await authority.issue('server', [
    '127.0.0.1',
    'one.example',
    'two.example',
    '192.0.2.10',
    'localhost',
  ]);
  const apiServers = await startApiServers(server, await authority.issue('stranger', ['stranger.example']));
  const proxies = await startProxies(server);
  return {
    apiServers,
    proxies,
    ca: authority.ca,
    otherCa: other.ca,
    client: await authority.issue('jane'),
    otherClient: await authority.issue('joe'),
    encryptedKey: generateKeyPairSync('ec', {
      namedCurve: 'P-256',
      publicKeyEncoding: { type: 'spki', format: 'pem' },
      privateKeyEncoding: { type: 'pkcs8', format: 'pem', cipher: 'aes-256-cbc', passphrase: 'secret' },
    }).privateKey,
    stop() {
      apiServers.stop();
      proxies.stop();
    },
  };
}
