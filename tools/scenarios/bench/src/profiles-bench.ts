import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { compareWebhooks, memory, ratios, typical, type Case, type Side } from './paired-webhooks.ts';
import { heading, number, row, table } from './table.ts';

const CASES: readonly Case[] = [
  withProfiles('1', { profiles: 1, roles: 1 }),
  withProfiles('3', { profiles: 3, roles: 3 }),
  withProfiles('20', { profiles: 20, roles: 20 }),
  withProfiles('20 with one role', { profiles: 20, roles: 1 }),
];

interface Profiles {
  readonly profiles: number;
  /** How many roles they have. Profiles with one role share its token. */
  readonly roles: number;
}

/** Compares webhooks with 1, 3 and 20 profiles. */
export async function benchProfiles(rounds: number): Promise<void> {
  await compareWebhooks(CASES, rounds, report);
}

function withProfiles(name: string, { profiles, roles }: Profiles): Case {
  const all = Array.from({ length: profiles }, (_, index) => ({
    name: `team-${index}`,
    namespaces: [`team-${index}`, `team-${index}-*`, 'test'],
    region: 'us-east-1',
    identity: { roles: [{ arn: `arn:aws:iam::${111111111111 + (index % roles)}:role/ecr-pull` }] },
  }));
  return {
    name,
    async env(folder) {
      const file = join(folder, 'profiles.yaml');
      await writeFile(file, JSON.stringify({ profiles: all }));
      return { PROFILES_FILE: file };
    },
    annotations: (index) => ({ 'ecr-anywhere.centml.ai/profile': `team-${index % profiles}` }),
    isWarm(metrics) {
      const ends = [...metrics.matchAll(/^ecr_anywhere_token_expiry_timestamp_seconds\{.*\} (\d+)/gm)];
      return ends.length === profiles && ends.every(([, end]) => Number(end) > 0);
    },
  };
}

async function report(sides: readonly Side[]): Promise<void> {
  heading('Profiles');
  table([
    'profiles',
    'admission, p50 ms',
    'p99 ms',
    'p50, ratio to 1 profile in a round, median (least–most)',
    'CPU ms',
    'its ratio',
    'memory MB: idle',
    'peak',
    'AssumeRole',
    'GetAuthorizationToken',
  ]);
  for (const side of sides) {
    const calls = side.aws.calls();
    row([
      side.name,
      typical(side, ({ p50 }) => p50, 1),
      typical(side, ({ p99 }) => p99, 0),
      ratios(side, sides, ({ p50 }) => p50),
      typical(side, ({ cpu }) => cpu, 2),
      ratios(side, sides, ({ cpu }) => cpu),
      number(side.idle, 0),
      number(await memory(side.replica, 'VmHWM'), 0),
      String(calls['AssumeRole'] ?? 0),
      String(calls['GetAuthorizationToken'] ?? 0),
    ]);
  }
}
