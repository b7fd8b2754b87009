import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startAwsEmulator, type AwsEmulator } from '@ecr-anywhere/aws-emulator';
import {
  createCertificateAuthority,
  eventually,
  startReplica,
  type Replica,
} from '@ecr-anywhere/local-installation';
import { review, send } from '../good-reviews.ts';
import { memoryGroup } from './memory-group.ts';
import { processUse } from './process-use.ts';

const MIB = 1024 * 1024;
const MOST = 192 * MIB;

/** The path of another Node.js executable, such as the one in the images. */
const NODE = process.env['ABUSED_NODE'];

/** The webhook with the memory limit of its container, 192 MiB, as the target of attacks. */
export interface AbusedWebhook extends Pick<Replica, 'port' | 'metricsUrl' | 'log'> {
  readonly aws: AwsEmulator;
  /** Posts a body. @returns the HTTP status; 0 if there is no answer */
  post(body: string, timeout?: string): Promise<number>;
  /** The sum of the webhook's metrics whose name and labels begin with this text. */
  metric(name: string): Promise<number>;
  holdsToken(): Promise<unknown>;
  /** The problems of the webhook, one sentence each. */
  faults(): Promise<string[]>;
  /** Its use of memory and CPU, for a report. */
  used(): Promise<string>;
  stop(): Promise<void>;
}

/** How to start the webhook. */
export interface AbuseOptions {
  readonly env?: Readonly<Record<string, string>>;
  /** Whether AWS hangs from the start. */
  readonly hangs?: boolean;
}

export async function startAbusedWebhook({ env, hangs = false }: AbuseOptions = {}): Promise<AbusedWebhook> {
  const folder = await mkdtemp(join(tmpdir(), 'ecr-anywhere-abuse-'));
  const aws = await startAwsEmulator();
  if (hangs) aws.fault({ kind: 'black-hole' });
  const group = await memoryGroup(`ecr-anywhere-abuse-${process.pid}`, MOST);
  const { accessKeyId, secretAccessKey } = aws.accessKeys;
  const { program, port, metricsUrl, log } = await startReplica(
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
  const use = processUse(program.pid);
  const post = async (body: string, timeout = '4s') => (await send(port, body, { timeout })).status;
  return {
    port,
    metricsUrl,
    log,
    aws,
    post,
    async metric(name) {
      const text = await (await fetch(metricsUrl)).text();
      const lines = text.split('\n').filter((line) => line.startsWith(`ecr_anywhere_${name}`));
      return lines.reduce((sum, line) => sum + Number(line.split(' ').at(-1)), 0);
    },
    holdsToken: () =>
      eventually(
        'the webhook holds a token',
        () => log().some(({ msg }) => msg === 'the ECR token was renewed'),
        {
          within: 60_000,
        },
      ),
    async faults() {
      const status = await post(review());
      return [
        ...(status === 200 ? [] : [`a good review was answered with ${status}`]),
        ...(program.running ? [] : ['it has ended']),
        ...(use.peak < MOST ? [] : [`it took ${use.peak} bytes of memory`]),
        ...program.errors.filter((line) => line.includes('MaxListenersExceededWarning')),
      ];
    },
    async used() {
      const held = group === undefined ? '' : ' of 192, held by the kernel';
      return `memory at most ${Math.round(use.peak / MIB)} MiB${held}, CPU ${(await use.cpu()).toFixed(1)} s`;
    },
    async stop() {
      use.stop();
      await program.stop();
      await aws.stop();
      await group?.remove();
      await rm(folder, { recursive: true });
    },
  };
}
