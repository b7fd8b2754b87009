import { compareWebhooks, ratios, typical, type Case, type Side } from './paired-webhooks.ts';
import { heading, row, table } from './table.ts';

const [HOME, OTHER] = ['us-east-1', 'eu-west-1'] as const;
const TOKEN = (region: string) =>
  new RegExp(`^ecr_anywhere_token_expiry_timestamp_seconds\\{.*region="${region}".*\\} [1-9]`, 'm');
/** The first attempt for a region has failed. Until then, reviews wait for it. */
const FAILURE = new RegExp(
  `^ecr_anywhere_token_renewals_total\\{outcome="(?!ok").*region="${OTHER}".*\\} [1-9]`,
  'm',
);

const CASES: readonly Case[] = [
  {
    name: '2',
    env: async () => ({ AWS_REGIONS: `${HOME},${OTHER}` }),
    isWarm: (metrics) => TOKEN(HOME).test(metrics) && TOKEN(OTHER).test(metrics),
  },
  {
    name: '2, of which one hangs',
    env: async () => ({ AWS_REGIONS: `${HOME},${OTHER}` }),
    prepare: (aws) => aws.fault({ kind: 'black-hole' }, { region: OTHER }),
    isWarm: (metrics) => TOKEN(HOME).test(metrics) && FAILURE.test(metrics),
  },
  {
    name: '1',
    env: async () => ({ AWS_REGION: HOME }),
    isWarm: (metrics) => TOKEN(HOME).test(metrics),
  },
];

/** Compares webhooks with one region, with two, and with two of which one hangs. */
export async function benchRegions(rounds: number): Promise<void> {
  await compareWebhooks(CASES, rounds, report);
}

async function report(sides: readonly Side[]): Promise<void> {
  heading('Regions');
  table([
    'regions',
    'admission, p50 ms',
    'p99 ms',
    'p50, ratio to 2 regions in a round, median (least–most)',
    'CPU ms',
    'its ratio',
  ]);
  for (const side of sides)
    row([
      side.name,
      typical(side, ({ p50 }) => p50, 1),
      typical(side, ({ p99 }) => p99, 0),
      ratios(side, sides, ({ p50 }) => p50),
      typical(side, ({ cpu }) => cpu, 2),
      ratios(side, sides, ({ cpu }) => cpu),
    ]);
}
