import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { eventually, startProgram, type Program } from '@ecr-anywhere/local-installation';
import { afterAll, afterEach, describe, expect, it } from '@jest/globals';
import { startAbusedWebhook, type AbusedWebhook, type AbuseOptions } from './abused-webhook.ts';
import { isFull, size } from '../form.ts';
import { goodReviews, p99, review, send, type GoodReviews, type ReviewAnswer } from '../good-reviews.ts';

// Attacks that are possible for everyone who reaches the webhook's port. `npm test` runs a short form: CONTRIBUTING.md.

/** Attack, count in the short form, count in full (connections or reviews), and the metric that shows the attack's arrival. */
type Attack = readonly [name: string, short: number | undefined, full: number, shown: string];

const ROOM = 'closed_connections_total{reason="room"}';
const HANDSHAKE = 'closed_connections_total{reason="handshake"}';
const PIPELINING = 'closed_connections_total{reason="pipelining"}';
const BODIES = 'refused_requests_total{status="503"}';

/** While AWS answers. */
const ATTACKS: readonly Attack[] = [
  ['idle connections', undefined, 5_500, ROOM],
  ['idle connections after a review', undefined, 2_500, ROOM],
  ['silent connections', 1_500, 5_500, ROOM],
  ['large handshakes', 500, 1_200, HANDSHAKE],
  ['slow bodies', 600, 2_000, BODIES],
  ['known slow bodies', undefined, 1_300, ROOM],
  ['many headers', 700, 1_300, 'connections'],
  ['long types', undefined, 30, 'admissions_total{result="refused"'],
  ['long marks', undefined, 30, 'admissions_total{result="kept"'],
  ['unread metrics', undefined, 1_000, 'closed_connections_total'], // for the first of several possible reasons
];

/** While AWS hangs. */
const FLOODS: readonly Attack[] = [
  ['pipelined', 2_000, 12_000, PIPELINING],
  ['ordinary reviews', undefined, 1_500, ROOM],
  ['reviews of 32 KB', undefined, 1_500, ROOM],
];

const inThisForm = (attacks: readonly Attack[]) =>
  attacks.flatMap(([name, short, full, shown]) => {
    const count = size(short, full);
    return count === undefined ? [] : [[name, count, shown] as const];
  });

const itInFull = isFull ? it : it.skip;

describe('the webhook, whose memory somebody wants to fill', () => {
  let webhook: AbusedWebhook;
  let attackers: Program | undefined;
  let traffic: GoodReviews | undefined;
  const report: string[] = [];

  const start = async (options?: AbuseOptions) => {
    webhook = await startAbusedWebhook(options);
  };

  afterEach(async () => {
    await traffic?.stop();
    await attackers?.stop();
    [traffic, attackers] = [undefined, undefined];
    await webhook?.stop();
  });

  afterAll(() => console.log(`Good reviews during the attacks:\n${report.join('\n')}`));

  /** Waits until everything is sent. The attack goes on until it is stopped. */
  const startAttack = async (name: string, count: number) => {
    const program = startProgram(join(import.meta.dirname, 'attackers.mjs'), {
      args: [name, String(count), String(webhook.port), new URL(webhook.metricsUrl).port],
    });
    attackers = program;
    await eventually('the attack is under way', () => program.output.includes('under way'), {
      within: 150_000,
    });
    return async (answers: readonly ReviewAnswer[]) => {
      await program.stop();
      expect(program.errors).toEqual([]);
      report.push(`${count} ${name}: ${summary(answers)}; ${await webhook.used()}`);
    };
  };
  /** Sends good reviews during an attack, and then stops the attack. */
  const attack = async (name: string, count: number, meanwhile: () => Promise<void>, timeout?: string) => {
    traffic = goodReviews(webhook.port, timeout);
    const end = await startAttack(name, count);
    await meanwhile();
    const answers = await traffic.stop();
    await end(answers);
    return answers;
  };
  const untilShown = (metric: string) => async () => {
    await eventually(`${metric} counts`, async () => (await webhook.metric(metric)) > 0, { within: 60_000 });
    await sleep(size(500, 3_000));
  };
  /** Expects the webhook to return to its normal state. It would keep an idle connection for two minutes. */
  const recovers = async () => {
    await eventually(
      'a good review is allowed',
      async () => (await send(webhook.port, review(), { timeout: '1s' })).allowed,
    );
    await eventually('connections are closed', async () => (await webhook.metric('connections')) < 10);
    expect(await webhook.faults()).toEqual([]);
  };

  it.each(inThisForm(ATTACKS))(
    'allows good reviews during an attack by %s (%i), and returns to its normal state afterwards',
    async (name, count, shown) => {
      await start();
      await webhook.holdsToken();
      const answers = await attack(name, count, untilShown(shown));
      expect(answers.filter(({ allowed }) => !allowed)).toEqual([]);
      await recovers();
    },
    240_000,
  );

  describe('while AWS hangs', () => {
    it.each(inThisForm(FLOODS))(
      'answers good reviews during an attack by %s (%i) in time',
      async (name, count, shown) => {
        await start({ hangs: true, env: { AWS_TIMEOUT: '2s' } });
        const answers = await attack(name, count, untilShown(shown));
        expect(answers.filter(({ status }) => status !== 200)).toEqual([]);
        webhook.aws.fault(undefined);
        await webhook.holdsToken(); // the webhook retries AWS within half a minute
        await recovers();
      },
      240_000,
    );

    it.each(inThisForm(FLOODS))(
      'allows good reviews during an attack by %s (%i) if a cached token can be used',
      async (name, count, shown) => {
        await start({ env: { AWS_TIMEOUT: '60s', TOKEN_REUSE: '1s' } });
        await webhook.holdsToken();
        webhook.aws.fault({ kind: 'black-hole' });
        await sleep(1_000);
        const answers = await attack(name, count, untilShown(shown));
        expect(answers.filter(({ allowed }) => !allowed)).toEqual([]);
        await recovers();
      },
      240_000,
    );

    itInFull(
      'answers good reviews in time while the maximum number of large reviews wait',
      async () => {
        await start({ hangs: true, env: { AWS_TIMEOUT: '60s' } });
        const answers = await attack('reviews of 60 KB', 900, untilShown('waiting_reviews'));
        expect(answers.filter(({ status }) => status !== 200)).toEqual([]);
        expect(await webhook.faults()).toEqual([]);
      },
      240_000,
    );

    itInFull(
      'lets a thousand reviews wait, and denies more reviews immediately',
      async () => {
        await start({ hangs: true, env: { AWS_TIMEOUT: '60s' } });
        const end = await startAttack('ordinary reviews', 1_100); // no other reviews run, so no place becomes free
        expect(await webhook.metric('waiting_reviews')).toBeGreaterThanOrEqual(1_000);
        const denied = await send(webhook.port, review(), { timeout: '30s' });
        expect(denied).toMatchObject({ status: 200, allowed: false, code: 503 });
        expect(denied.milliseconds).toBeLessThan(15_000); // a waiting review would be denied after 28 s
        await end([denied]);
        expect(await webhook.faults()).toEqual([]);
      },
      240_000,
    );
  });
});

function summary(answers: readonly ReviewAnswer[]): string {
  const count = (which: (answer: ReviewAnswer) => boolean) => String(answers.filter(which).length);
  const allowed = count(({ allowed }) => allowed);
  const denied = count(({ allowed, status }) => status === 200 && !allowed);
  return `${answers.length} sent, ${allowed} allowed, ${denied} denied, p99 ${Math.round(p99(answers))} ms`;
}
