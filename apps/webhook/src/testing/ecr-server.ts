import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

/** A server that answers every request as ECR answers GetAuthorizationToken. */
export interface EcrServer {
  readonly endpoint: string;
  readonly calls: number;
  /** Holds all answers back until the returned function is called. */
  hold(): () => void;
  stop(): void;
}

export async function startEcrServer(): Promise<EcrServer> {
  let calls = 0;
  let held = Promise.resolve();
  const server = createServer((request, response) => {
    calls += 1;
    const answer = () =>
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
      );
    request.resume().on('end', () => void held.then(answer));
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    endpoint: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    get calls() {
      return calls;
    },
    hold() {
      let release = () => undefined as void;
      held = new Promise((passed) => (release = passed));
      return release;
    },
    stop() {
      server.close();
      server.closeAllConnections();
    },
  };
}
