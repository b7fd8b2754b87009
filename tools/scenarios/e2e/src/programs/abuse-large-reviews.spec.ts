import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { connect } from 'node:tls';
import { eventually } from '@ecr-anywhere/local-installation';
import { afterEach, describe, expect, it } from '@jest/globals';
import { startAbusedWebhook, type AbusedWebhook, type AbuseOptions } from './abused-webhook.ts';
import { isFull } from '../form.ts';
import { review } from '../good-reviews.ts';

const MIB = 1024 * 1024;
const HEAD = 'POST /sync HTTP/1.1\r\nHost: webhook\r\nContent-Type: application/json\r\n';

// These tests take long, and the unit tests of the limits cover most of it.
const describeInFull = isFull ? describe : describe.skip;

describeInFull('the webhook, to which somebody sends what takes much memory', () => {
  let webhook: AbusedWebhook;

  const start = async (options?: AbuseOptions) => {
    webhook = await startAbusedWebhook(options);
  };
  const connection = () => {
    const socket = connect({ port: webhook.port, host: '127.0.0.1', rejectUnauthorized: false });
    return socket.on('error', () => undefined);
  };
  const stands = async () => expect(await webhook.faults()).toEqual([]);

  afterEach(() => webhook?.stop(), 30_000);

  it('refuses reviews of millions of empty objects', async () => {
    await start();
    const body = review({ junk: Array(2_600_000).fill({}) });
    expect(body.length).toBeLessThan(8 * MIB);
    const answers = await Promise.all([body, body, review()].map((sent) => webhook.post(sent)));
    expect(answers).toEqual([413, expect.any(Number), 200]);
    await stands();
  });

  it('accepts the largest possible reviews, one after another', async () => {
    await start();
    const dense = review({ junk: Array(49_000).fill({}), text: '€' });
    const body = dense.replace('"text":"', `"text":"${'x'.repeat(8 * MIB - Buffer.byteLength(dense))}`);
    for (let round = 0; round < 5; round++) expect(await webhook.post(body)).toBe(200);
    await stands();
  });

  it('answers other reviews while it receives bodies that never end', async () => {
    await start();
    const count = 40;
    const sockets = Array.from({ length: count }, () => {
      const socket = connection();
      socket.write(`${HEAD}Content-Length: ${8 * MIB}\r\n\r\n`);
      socket.write(Buffer.alloc(8 * MIB - 1, ' '));
      return socket;
    });
    for (let round = 0; round < 10; round++) {
      expect(await webhook.post(review())).toBe(200);
      await sleep(100);
    }
    await eventually(
      'most of the bodies are refused, with one log line each',
      () => webhook.log().filter(({ status }) => status === 503).length > 0.75 * count,
    );
    await stands();
    for (const socket of sockets) socket.destroy();
  });

  it('accepts a body in very many chunks', async () => {
    await start();
    const socket = connection();
    socket.write(`${HEAD}Transfer-Encoding: chunked\r\n\r\n${'1\r\n \r\n'.repeat(1_500_000)}`);
    socket.write('1\r\n{\r\n0\r\n\r\n');
    const [answer] = (await once(socket, 'data')) as [Buffer];
    expect(answer.toString()).toMatch(/^HTTP\/1.1 400 /);
    socket.destroy();
    await stands();
  });

  it.each(['3 MB', '90,000 keys', '260,000 keys'] as const)(
    'keeps no content of Secrets with %s while their answers wait for AWS',
    async (what) => {
      await start({ hangs: true });
      const body = review({ data: DATA[what]() });
      const answers: Promise<number>[] = [];
      for (let count = 0; count < 40; count++) {
        answers.push(webhook.post(body, '5s'));
        await sleep(10);
      }
      expect(await webhook.post(review(), '2s')).toBe(200);
      await Promise.all(answers);
      await stands();
    },
    120_000,
  );
});

const DATA = {
  '3 MB': () => ({ large: 'A'.repeat(2_900_000) }),
  '90,000 keys': () => keys(90_000),
  '260,000 keys': () => keys(260_000),
};

function keys(count: number): Record<string, string> {
  return Object.fromEntries(Array.from({ length: count }, (_, index) => [`key-${index}`, '']));
}
