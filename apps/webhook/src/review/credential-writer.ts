import { encodeOperation } from '@ecr-anywhere/admission';
import type { EcrToken } from '@ecr-anywhere/ecr-token';
import type { Consumer, HostGrant, WriteOptions } from '../consumers/consumer.ts';
import type { SecretData } from '../consumers/secret.ts';
import type { ChosenGrant } from '../grants/choice.ts';
import { setKey, type CredentialData } from './fill.ts';
import { hostsOf } from '../grants/grant.ts';

/** What was made of the last tokens of some grants. */
interface Written {
  readonly tokens: readonly EcrToken[];
  readonly hosts: readonly (readonly string[])[];
  readonly data: Map<Consumer, CredentialData>;
}

/** How many combinations of grants are remembered. Secrets may choose any profiles together, but most choose one. */
const MOST_COMBINATIONS = 100;

/**
 * Writes what was chosen for the grants of a Secret. The same tokens fill thousands of Secrets, so the data of each consumer is
 * made and encoded once for the same tokens, unless a Secret has a rest of its own.
 */
export function credentialWriter(
  options: WriteOptions,
): (chosen: readonly ChosenGrant[], consumer: Consumer, rest?: string) => CredentialData {
  const known = new Map<string, Written>();
  return (chosen, consumer, rest) => {
    const tokens = tokensOf(chosen);
    if (tokens === undefined || rest !== undefined) {
      const grants = [...chosen].sort((one, other) => WORTH[one.choice.kind] - WORTH[other.choice.kind]);
      return { data: consumer.write(grants.flatMap(entries), options, rest) };
    }
    const written = remembered(known, chosen, tokens);
    const data = written.data.get(consumer) ?? encode(consumer.write(chosen.flatMap(entries), options));
    written.data.set(consumer, data);
    return data;
  };
}

/**
 * Entries are written in this order, and the last one for a host counts. An old entry that stays for a missing grant may be that of
 * another grant: before the first token, nobody knows which registry is whose.
 */
const WORTH = { missing: 0, old: 1, token: 2 } as const;

function remembered(
  known: Map<string, Written>,
  chosen: readonly ChosenGrant[],
  tokens: readonly EcrToken[],
): Written {
  const key = chosen.map(({ grant }) => grant.name).join();
  const hosts = chosen.map(({ grant }) => grant.hosts);
  const last = known.get(key);
  if (last && isEqual(last.tokens, tokens) && isEqual(last.hosts, hosts)) return last;
  const written = { tokens, hosts, data: new Map<Consumer, CredentialData>() };
  known.delete(key);
  known.set(key, written);
  const [oldest] = known.keys();
  if (known.size > MOST_COMBINATIONS && oldest !== undefined) known.delete(oldest);
  return written;
}

function isEqual(some: readonly unknown[], others: readonly unknown[]): boolean {
  return some.length === others.length && some.every((one, index) => one === others[index]);
}

/** The token of each grant; undefined if for one of them something else was chosen. */
function tokensOf(chosen: readonly ChosenGrant[]): readonly EcrToken[] | undefined {
  const tokens = chosen.flatMap(({ choice }) => (choice.kind === 'token' ? [choice.token] : []));
  return tokens.length === chosen.length ? tokens : undefined;
}

function entries({ grant, choice }: ChosenGrant): readonly HostGrant[] {
  if (choice.kind === 'token') {
    const { token } = choice;
    return hostsOf(grant, token).map((host) => ({ host, token }));
  }
  return [...(choice.old?.logins ?? [])].map(([host, login]) => ({
    host,
    token: { ...login, region: grant.region },
  }));
}

function encode(data: SecretData): CredentialData {
  const operations = Object.entries(data).map(
    ([key, value]) => [key, encodeOperation(setKey(key, value))] as const,
  );
  return { data, encoded: new Map(operations) };
}
