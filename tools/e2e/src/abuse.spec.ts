import { once } from 'node:events';
import { readFile, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { connect } from 'node:tls';
import { startAwsEmulator, type AwsEmulator } from '@ecr-anywhere/aws-emulator';
import {
  createCertificateAuthority,
  eventually,
  startProgram,
  startReplica,
  type Program,
  type Replica,
} from '@ecr-anywhere/local-installation';
import { afterAll, afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { goodReviews, p99, review, send, type GoodReviews, type ReviewAnswer } from './good-reviews.ts';
import { memoryGroup, type MemoryGroup } from './memory-group.ts';
import { onRealCluster } from './stage.ts';

// The webhook as in its image, which has 192 MiB in all. Whoever may reach its port may try this.

const MIB = 1024 * 1024;
const MOST = 192 * MIB;

/** Another Node than the one that runs the tests, such as the one of the images. */
const NODE = process.env['ABUSED_NODE'];

// No API server has a part in it, so that it runs once.
const describeOnce = onRealCluster ? describe.skip : describe;

describeOnce('the webhook, whose memory somebody wants to fill', () => {
  let folder: string;
  let aws: AwsEmulator;
  let replica: Replica;
  let group: MemoryGroup | undefined;
  let memory: Watch;
  let attackers: Program | undefined;
  let traffic: GoodReviews | undefined;
  const report: string[] = [];

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'ecr-anywhere-abuse-'));
    aws = await startAwsEmulator();
    group = await memoryGroup(`ecr-anywhere-abuse-${process.pid}`, MOST);
    [attackers, traffic] = [undefined, undefined];
  });

  const start = async (env: Record<string, string> = {}) => {
    const { accessKeyId, secretAccessKey } = aws.accessKeys;
    replica = await startReplica(
      await createCertificateAuthority('abuse'),
      folder,
      {
        AWS_REGION: 'us-east-1',
        AWS_ENDPOINT_URL: aws.endpoint,
        AWS_ACCESS_KEY_ID: accessKeyId,
        AWS_SECRET_ACCESS_KEY: secretAccessKey,
        SHUTDOWN_DELAY: '0s',
        ...env,
      },
      { through: group?.through ?? [], ...(NODE !== undefined && { command: NODE }) },
    );
    memory = watchMemory(replica.program.pid);
  };

  afterEach(async () => {
    memory?.stop();
    await traffic?.stop();
    await attackers?.stop();
    await replica?.program.stop();
    await aws.stop();
    await group?.remove();
    await rm(folder, { recursive: true });
  }, 30_000);

  afterAll(() => {
    const held = group === undefined ? 'resident memory was looked at' : 'the kernel held it to 192 MiB';
    console.log(`Good reviews meanwhile; ${held}:\n${report.join('\n')}`);
  });

  const post = async (body: string, timeout = '4s') => (await send(replica.port, body, { timeout })).status;
  const stands = async () => {
    expect(await post(review())).toBe(200);
    expect(replica.program.running).toBe(true);
    expect(memory.peak).toBeLessThan(MOST);
  };
  const metric = async (name: string) => {
    const text = await (await fetch(replica.metricsUrl)).text();
    return Number(new RegExp(`^ecr_anywhere_${name} (\\S+)$`, 'm').exec(text)?.[1] ?? 0);
  };
  const holdsToken = () =>
    eventually(
      'it holds a token',
      () => replica.log().some(({ msg }) => msg === 'the ECR token was renewed'),
      { within: 60_000 },
    );

  /** Good reviews while somebody attacks, until he ends. */
  const attack = async (name: string, meanwhile: () => Promise<void> = () => sleep(3_000)) => {
    traffic = goodReviews(replica.port);
    attackers = startProgram(join(import.meta.dirname, 'attackers.mjs'), {
      args: [name, String(replica.port), new URL(replica.metricsUrl).port],
    });
    const { output, errors } = attackers;
    await eventually('the attack is under way', () => output.includes('under way'), { within: 150_000 });
    await meanwhile();
    const answers = await traffic.stop();
    await attackers.stop();
    expect(errors).toEqual([]);
    report.push(lineOf(name, answers, memory.peak));
    return answers;
  };
  /** All is as before within five seconds. */
  const recovers = async () => {
    const within = { within: 5_000 };
    const before = performance.now();
    await eventually(
      'a good review is allowed',
      async () => (await send(replica.port, review(), { timeout: '1s' })).allowed,
      within,
    );
    await eventually('connections are closed', async () => (await metric('connections')) < 10, {
      within: 5_000 - (performance.now() - before),
    });
    await stands();
  };

  it.each([
    'idle connections',
    'idle connections after a review',
    'silent connections',
    'large handshakes',
    'slow bodies',
    'long types',
    'unread answers',
    'unread metrics',
  ])(
    'allows good reviews during an attack by %s, and is as before afterwards',
    async (name) => {
      await start();
      await holdsToken();
      const answers = await attack(name);
      expect(answers.filter(({ allowed }) => !allowed)).toEqual([]);
      await recovers();
    },
    240_000,
  );

  describe('while AWS hangs', () => {
    it.each(['pipelined', 'ordinary reviews', 'reviews of 32 KB'])(
      'answers good reviews during an attack by %s in time',
      async (name) => {
        aws.fault({ kind: 'black-hole' });
        await start({ AWS_TIMEOUT: '2s' });
        const answers = await attack(name);
        expect(answers.filter(({ status }) => status !== 200)).toEqual([]);
        aws.fault(undefined);
        await holdsToken(); // AWS is asked again within half a minute
        await recovers();
      },
      240_000,
    );

    it.each(['pipelined', 'ordinary reviews', 'reviews of 32 KB'])(
      'allows good reviews during an attack by %s where a usable token is at hand',
      async (name) => {
        await start({ AWS_TIMEOUT: '60s', TOKEN_REUSE: '1s' });
        await holdsToken();
        aws.fault({ kind: 'black-hole' });
        await sleep(1_000);
        const answers = await attack(name);
        expect(answers.filter(({ allowed }) => !allowed)).toEqual([]);
      },
      240_000,
    );

    it('lets a thousand reviews wait, and denies each further one at once', async () => {
      aws.fault({ kind: 'black-hole' });
      await start({ AWS_TIMEOUT: '60s' });
      let denied: ReviewAnswer | undefined;
      await attack('ordinary reviews', async () => {
        expect(await metric('waiting_reviews')).toBeGreaterThanOrEqual(1_000);
        denied = await send(replica.port, review(), { timeout: '30s' });
      });
      expect(denied).toMatchObject({ status: 200, allowed: false, code: 503 });
      expect(denied?.milliseconds).toBeLessThan(15_000); // and not after the 28 s that it would wait
      await stands();
    }, 240_000);
  });

  it('refuses reviews of millions of empty objects', async () => {
    await start();
    const body = review({ junk: Array(2_600_000).fill({}) });
    expect(body.length).toBeLessThan(8 * MIB);
    const answers = await Promise.all([body, body, review()].map((sent) => post(sent)));
    expect(answers).toEqual([413, expect.any(Number), 200]);
    await stands();
  }, 60_000);

  it('takes the largest reviews that there may be, one after the other', async () => {
    await start();
    const dense = review({ junk: Array(49_000).fill({}), text: '€' });
    const body = dense.replace('"text":"', `"text":"${'x'.repeat(8 * MIB - Buffer.byteLength(dense))}`);
    for (let round = 0; round < 5; round++) expect(await post(body)).toBe(200);
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
      expect(await post(review())).toBe(200);
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
        answers.push(post(body, '5s'));
        await sleep(10);
      }
      expect(await post(review())).toBe(200);
      await Promise.all(answers);
      await stands();
    },
    60_000,
  );
});

function manyKeys(count: number): Record<string, string> {
  return Object.fromEntries(Array.from({ length: count }, (_, index) => [`key-${index}`, '']));
}

function lineOf(attack: string, answers: readonly ReviewAnswer[], peak: number): string {
  const count = (which: (answer: ReviewAnswer) => boolean) => String(answers.filter(which).length);
  const allowed = count(({ allowed }) => allowed);
  const denied = count(({ allowed, status }) => status === 200 && !allowed);
  const time = `${Math.round(p99(answers))} ms`;
  return `${attack}: ${answers.length} sent, ${allowed} allowed, ${denied} denied, p99 ${time}, peak ${Math.round(peak / MIB)} MiB`;
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
