import { generateKeyPairSync } from 'node:crypto';
import { createCertificateAuthority, type Certificate } from '@ecr-anywhere/certificates';
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
  readonly client: Certificate;
  readonly otherClient: Certificate;
  /** The key of `client`, encrypted, PEM. */
  readonly encryptedKey: string;
  stop(): void;
}

export async function startWorld(): Promise<World> {
  const authority = await createCertificateAuthority('servers');
  const other = await createCertificateAuthority('others');
  // 192.0.2.1 is missing on purpose.
  const server = await authority.issue({
    names: ['127.0.0.1', 'one.example', 'two.example', '192.0.2.10', 'localhost'],
  });
  const apiServers = await startApiServers(server, await authority.issue({ names: ['stranger.example'] }));
  const proxies = await startProxies(server);
  return {
    apiServers,
    proxies,
    ca: authority.cert,
    otherCa: other.cert,
    client: await authority.issue({ subject: 'CN=jane' }),
    otherClient: await authority.issue({ subject: 'CN=joe' }),
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
