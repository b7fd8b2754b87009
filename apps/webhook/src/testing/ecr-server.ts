import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

/** A server that answers every request as ECR answers GetAuthorizationToken. */
export interface EcrServer {
  readonly endpoint: string;
  readonly calls: number;
  stop(): void;
}

export async function startEcrServer(): Promise<EcrServer> {
  let calls = 0;
  const server = createServer((request, response) => {
    calls += 1;
    request.resume().on('end', () =>
      response.setHeader('content-type', 'application/x-amz-json-1.1').end(
        JSON.stringify({
          authorizationData: [
            {
              authorizationToken: Buffer.from('AWS:canary-password').toString('base64'),
              expiresAt: Date.now() / 1_000 + 43_200,
              proxyEndpoint: 'https://111122223333.dkr.ecr.eu-west-1.amazonaws.com',
            },
          ],
        }),
      ),
    );
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    endpoint: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    get calls() {
      return calls;
    },
    stop() {
      server.close();
      server.closeAllConnections();
    },
  };
}
