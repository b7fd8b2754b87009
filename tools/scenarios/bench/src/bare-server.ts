import type { RequestListener } from 'node:http';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';

/** How to start a bare server. */
export interface BareServerOptions {
  /** PEM. */
  readonly cert: string;
  readonly key: string;
  /** Base64 of a JSON patch. */
  readonly patch: string;
  /** 127.0.0.1 by default. */
  readonly host?: string;
  /** Any free port by default. */
  readonly port?: number;
}

/**
 * The smallest possible webhook: it parses the review and answers with a fixed patch of the size of ours. It is a
 * process of its own, as the webhook is. It prints its port and ends on SIGTERM. It imports nothing of ours, because a
 * Pod runs this file.
 */
export function bareServer({ patch, ...options }: BareServerOptions): void {
  serve(options, (request, response) => {
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
  });
}

/** Prints its port, and ends on SIGTERM. */
export function serve(
  { cert, key, host = '127.0.0.1', port = 0 }: Omit<BareServerOptions, 'patch'>,
  listener: RequestListener,
): void {
  const server = createServer({ cert, key, keepAliveTimeout: 120_000 }, listener);
  server.listen(port, host, () =>
    console.log(JSON.stringify({ port: (server.address() as AddressInfo).port })),
  );
  process.once('SIGTERM', () => server.close());
}
