import { once } from 'node:events';
import { readFile, mkdtemp, rm } from 'node:fs/promises';
import { request } from 'node:https';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { connect } from 'node:tls';
import { startAwsEmulator, type AwsEmulator } from '@ecr-anywhere/aws-emulator';
import {
  createCertificateAuthority,
  eventually,
  startReplica,
  type Replica,
} from '@ecr-anywhere/local-installation';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { fakeSecret } from './stage.ts';

// The webhook as in its image, which has 192 MiB in all. Whoever may reach its port may try this.

const MIB = 1024 * 1024;
const MOST = 192 * MIB;

describe('the webhook, whose memory somebody wants to fill', () => {
  let folder: string;
  let aws: AwsEmulator;
  let replica: Replica;
  let memory: Watch;

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'ecr-anywhere-abuse-'));
    aws = await startAwsEmulator();
  });

  const start = async () => {
    const { accessKeyId, secretAccessKey } = aws.accessKeys;
    replica = await startReplica(await createCertificateAuthority('abuse'), folder, {
      AWS_REGION: 'us-east-1',
      AWS_ENDPOINT_URL: aws.endpoint,
      AWS_ACCESS_KEY_ID: accessKeyId,
      AWS_SECRET_ACCESS_KEY: secretAccessKey,
      SHUTDOWN_DELAY: '0s',
    });
    memory = watchMemory(replica.program.pid);
  };

  afterEach(async () => {
    memory?.stop();
    await replica?.program.stop();
    await aws.stop();
    await rm(folder, { recursive: true });
  }, 30_000);

  const stands = async () => {
    expect(await post(replica, review())).toBe(200);
    expect(replica.program.running).toBe(true);
    expect(memory.peak).toBeLessThan(MOST);
  };

  it('refuses reviews of millions of empty objects', async () => {
    await start();
    const body = review({ junk: Array(2_600_000).fill({}) });
    expect(body.length).toBeLessThan(8 * MIB);
    const answers = await Promise.all([body, body, review()].map((sent) => post(replica, sent)));
    expect(answers).toEqual([413, expect.any(Number), 200]);
    await stands();
  }, 60_000);

  it('takes the largest reviews that there may be, one after the other', async () => {
    await start();
    const dense = review({ junk: Array(49_000).fill({}), text: '€' });
    const body = dense.replace('"text":"', `"text":"${'x'.repeat(8 * MIB - Buffer.byteLength(dense))}`);
    for (let round = 0; round < 5; round++) expect(await post(replica, body)).toBe(200);
    await stands();
  }, 60_000);

  it('answers others while bodies come and never end', async () => {
    await start();
    const head = `POST /sync HTTP/1.1\r\nHost: webhook\r\nContent-Type: application/json\r\nContent-Length: ${8 * MIB}\r\n\r\n`;
    const sockets = Array.from({ length: 40 }, () => {
      const socket = connect({ port: replica.port, host: '127.0.0.1', rejectUnauthorized: false });
      socket.on('error', () => undefined);
      socket.write(head);
      socket.write(Buffer.alloc(8 * MIB - 1, ' '));
      return socket;
    });
    for (let count = 0; count < 10; count++) {
      expect(await post(replica, review())).toBe(200);
      await sleep(100);
    }
    await eventually(
      'most of them are refused, with a line each',
      () => replica.log().filter(({ status }) => status === 503).length > 30,
    );
    await stands();
    for (const socket of sockets) socket.destroy();
  }, 60_000);

  it('takes a body in a million chunks', async () => {
    await start();
    const head =
      'POST /sync HTTP/1.1\r\nHost: webhook\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n';
    const socket = connect({ port: replica.port, host: '127.0.0.1', rejectUnauthorized: false });
    socket.write(head + '1\r\n \r\n'.repeat(1_500_000));
    socket.write('1\r\n{\r\n0\r\n\r\n');
    const [answer] = (await once(socket, 'data')) as [Buffer];
    expect(answer.toString()).toMatch(/^HTTP\/1.1 400 /);
    socket.destroy();
    await stands();
  }, 60_000);

  it.each([
    ['90,000 keys', manyKeys(90_000)],
    ['260,000 keys', manyKeys(260_000)],
    ['3 MB', { large: 'A'.repeat(2_900_000) }],
  ])(
    'keeps nothing of Secrets with %s whose answers wait for AWS',
    async (_, data) => {
      aws.fault({ kind: 'black-hole' });
      await start();
      const body = review({ data });
      const answers: Promise<number>[] = [];
      for (let count = 0; count < 40; count++) {
        answers.push(post(replica, body, '5s'));
        await sleep(10);
      }
      expect(await post(replica, review())).toBe(200);
      await Promise.all(answers);
      await stands();
    },
    60_000,
  );
});

function manyKeys(count: number): Record<string, string> {
  return Object.fromEntries(Array.from({ length: count }, (_, index) => [`key-${index}`, '']));
}

/** The review of a Secret that asks for credentials. */
function review(changes: object = {}): string {
  return JSON.stringify({
    apiVersion: 'admission.k8s.io/v1',
    kind: 'AdmissionReview',
    request: {
      uid: 'abuse',
      kind: { group: '', version: 'v1', kind: 'Secret' },
      resource: { group: '', version: 'v1', resource: 'secrets' },
      operation: 'CREATE',
      object: { ...fakeSecret('abuse'), ...changes },
    },
  });
}

/** The status of the answer; 0 where the connection was cut. */
async function post({ port }: Replica, body: string, timeout = '4s'): Promise<number> {
  const sent = request({
    port,
    host: '127.0.0.1',
    path: `/sync?timeout=${timeout}`,
    method: 'POST',
    rejectUnauthorized: false,
    agent: false,
    headers: { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) },
  });
  sent.on('error', () => undefined);
  const status = new Promise<number>((done) => {
    sent.on('response', (response) => {
      response.resume().on('error', () => undefined);
      done(response.statusCode ?? 0);
    });
    sent.on('close', () => done(0));
  });
  sent.end(body);
  return status;
}

interface Watch {
  /** Bytes. */
  readonly peak: number;
  stop(): void;
}

/** The most that a process has of its own, where the kernel tells: what it maps from files can be dropped at any time. */
function watchMemory(pid: number): Watch {
  const watch = {
    peak: 0,
    stop: () => clearInterval(timer),
  };
  const look = async () => {
    const status = await readFile(`/proc/${pid}/status`, 'utf8').catch(() => '');
    const own = Number(/^RssAnon:\s+(\d+) kB$/m.exec(status)?.[1] ?? 0) * 1024;
    watch.peak = Math.max(watch.peak, own);
  };
  const timer = setInterval(() => void look(), 10);
  return watch;
}
