import { readFileSync } from 'node:fs';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';

/**
 * The least that a webhook could be: it parses the review and answers a fixed patch, of the size of ours. A process of its
 * own, as the webhook is. Prints its port; ends with SIGTERM.
 */
export function bareServer(certFile: string, keyFile: string, patch: string): void {
  const server = createServer(
    { cert: readFileSync(certFile), key: readFileSync(keyFile), keepAliveTimeout: 120_000 },
    (request, response) => {
      const chunks: Buffer[] = [];
      request.on('data', (chunk: Buffer) => chunks.push(chunk));
      request.on('end', () => {
        const { apiVersion, request: question } = JSON.parse(Buffer.concat(chunks).toString()) as {
          apiVersion: string;
          request: { uid: string };
        };
        const answer = JSON.stringify({
          apiVersion,
          kind: 'AdmissionReview',
          response: { uid: question.uid, allowed: true, patchType: 'JSONPatch', patch },
        });
        response
          .writeHead(200, { 'content-type': 'application/json', 'content-length': Buffer.byteLength(answer) })
          .end(answer);
      });
    },
  );
  server.listen(0, '127.0.0.1', () =>
    console.log(JSON.stringify({ port: (server.address() as AddressInfo).port })),
  );
  process.once('SIGTERM', () => server.close());
}
