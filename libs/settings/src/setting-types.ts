import { isRegistryHost } from '@ecr-anywhere/ecr-token';
import * as z from 'zod';
import { formatDuration, parseDuration, type Milliseconds } from './duration.ts';
import type { RegistryHost } from './registry-hosts.ts';

// The types of settings. Each reads a text, or reports what it expected.

/** A Node timer holds 24.8 days. A longer one would fire at once. */
const LONGEST: Milliseconds = 24 * 24 * 3_600_000;

/** Such as `6h`, `30m`, `10s` or `500ms`, up to what a timer can hold. */
export function duration(fallback: string, { least = 0 }: { least?: Milliseconds } = {}) {
  return z
    .string()
    .default(fallback)
    .transform((text, context): Milliseconds => {
      const value = parseDuration(text);
      if (value !== undefined && value >= least && value <= LONGEST) return value;
      const hint = /^\d+$/.test(text) ? ' with a unit' : '';
      if (value === undefined) context.addIssue(`expected a duration${hint} such as 6h, 30m or 10s`);
      else if (value < least) context.addIssue(`expected a duration of at least ${least} ms`);
      else context.addIssue(`expected a duration of at most ${formatDuration(LONGEST)}`);
      return z.NEVER;
    });
}

/** A whole number. */
export function integer(fallback: number, { least, most }: { least: number; most: number }) {
  return z
    .string()
    .default(String(fallback))
    .transform((text, context) => {
      const value = Number(text);
      if (/^\d+$/.test(text) && value >= least && value <= most) return value;
      context.addIssue(`expected a whole number from ${least} to ${most}`);
      return z.NEVER;
    });
}

/** A TCP port; 0 means any free port. */
export function port(fallback: number) {
  return integer(fallback, { least: 0, most: 65_535 });
}

/** Words separated by commas. Blanks around a word and empty words are ignored. */
export function list(fallback = '') {
  return z
    .string()
    .default(fallback)
    .transform((text) =>
      text
        .split(',')
        .map((word) => word.trim())
        .filter((word) => word !== ''),
    );
}

/** Registry hosts separated by commas: `HOST` or `HOST=REGION`. A host may have a port, and has no scheme and no path. */
export function registryHosts() {
  return list().transform((texts, context) => {
    const all = texts.map(parseRegistryHost);
    if (all.every((one) => one !== undefined)) return all;
    context.addIssue(
      'expected host names without scheme and path, such as mirror.example.com:5000 or mirror.example.com=eu-west-1',
    );
    return z.NEVER;
  });
}

/** Reads `HOST` or `HOST=REGION`; undefined for any other text. */
export function parseRegistryHost(text: string): RegistryHost | undefined {
  const [, name = '', region] = /^([^=]*)(?:=([a-z\d-]{1,63}))?$/.exec(text) ?? [];
  if (!isRegistryHost(name)) return undefined;
  const host = name.toLowerCase();
  return region === undefined ? { host } : { host, region };
}

/** What a Secret may be called. */
const SECRET_NAME = /^(?=.{1,253}$)[a-z0-9](?:[a-z0-9-]*[a-z0-9])?(?:\.[a-z0-9](?:[a-z0-9-]*[a-z0-9])?)*$/;

/** The refresher requests a list for each name. */
const MOST_SECRET_NAMES = 20;

/** Names of Secrets, separated by commas, each once. They become part of requests, and of a refusal that lists them. */
export function secretNames() {
  return list().transform((texts, context) => {
    const names = [...new Set(texts)];
    if (names.every((name) => SECRET_NAME.test(name)) && names.length <= MOST_SECRET_NAMES) return names;
    context.addIssue(`expected at most ${MOST_SECRET_NAMES} names of Secrets, separated by commas`);
    return z.NEVER;
  });
}

/** Paths of URLs, separated by commas. */
export function urlPaths(fallback: string) {
  return list(fallback).transform((paths, context) => {
    if (paths.length > 0 && paths.every((path) => /^\/[\w./-]*$/.test(path))) return paths;
    context.addIssue('expected paths such as /sync, separated by commas');
    return z.NEVER;
  });
}
