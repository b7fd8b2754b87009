import { parseRegistry } from '@ecr-anywhere/ecr-token';
import { annotation, ANNOTATIONS } from '@ecr-anywhere/secret-scan';
import type { Rest } from './consumer.ts';
import { authsOf, decoded, fieldsOf, type Auths } from './docker-auths.ts';
import type { Secret } from './secret.ts';

/** Characters of JSON. An entry takes some 100 to 3,000. */
export const MOST_OTHER_AUTHS = 64 * 1024;

/**
 * The entries of other registries in a Docker config, such as Docker Hub, if the user has asked to keep them.
 *
 * @param configOf - gives the Docker config of the Secret; is not called for a Secret that keeps nothing
 * @returns undefined if the annotation is absent or `false`
 */
export function otherAuths(secret: Secret, configOf: (secret: Secret) => string): Rest | undefined {
  const asked = annotation(secret.metadata, 'keepOtherAuths');
  if (asked === undefined || asked === 'false') return undefined;
  if (asked !== 'true')
    return refused(`The annotation ${ANNOTATIONS.keepOtherAuths} has to be "true" or "false"`);
  const auths = authsOf(configOf(secret));
  const others = auths && textOfAuths(pick(auths, isOther));
  if (others === undefined) return refused(NO_CONFIG);
  return others.length > MOST_OTHER_AUTHS ? refused(tooMany(others.length)) : { kind: 'kept', text: others };
}

/** The entries of a Docker config that are not of other registries; undefined if the text is no Docker config. */
export function authsOfOurs(text: string): Auths | undefined {
  const auths = authsOf(text);
  return auths && pick(auths, (key, entry) => !isOther(key, entry));
}

/** Undefined if an entry is nested too deeply to be written again. */
export function textOfAuths(auths: Auths): string | undefined {
  try {
    return JSON.stringify(auths);
  } catch {
    return undefined;
  }
}

/** Adds entries of other registries, as {@link otherAuths} gives them. Where both have a host, ours stays alone. */
export function addOtherAuths(ours: Auths, others: string | undefined): Auths {
  if (others === undefined) return ours;
  const hosts = new Set(Object.keys(ours).map(hostOf));
  return { ...ours, ...pick(JSON.parse(others) as Auths, (key) => !hosts.has(hostOf(key))) };
}

/** Our entries have the user AWS. One for a host that the settings no longer list would stay forever, with an expired password. */
function isOther(key: string, entry: object): boolean {
  return !isOfEcr(key) && !usersOf(entry).includes('AWS');
}

/** Kubelet takes patterns for hosts: it compares each label of a host with the label at the same place in the pattern. */
function isOfEcr(key: string): boolean {
  const labels = hostOf(key).split('.');
  return REGISTRIES.some((registry) => {
    const host = labels.map((label, index) => (IS_PATTERN.test(label) ? registry[index] : label));
    return host.includes(undefined) || parseRegistry(host.join('.'))?.public === false;
  });
}

const IS_PATTERN = /[*[]/;

/** The labels of private registries in front of the domains of AWS. A pattern for the domain may mean any of them. */
const REGISTRIES = [
  ['111122223333', 'dkr', 'ecr', 'us-east-1'],
  ['111122223333', 'dkr-ecr', 'us-east-1'],
];

function usersOf(entry: object): readonly unknown[] {
  const { username, auth } = fieldsOf(entry);
  return [username, decoded(auth).split(':', 1)[0]];
}

function pick(auths: Auths, condition: (key: string, entry: object) => boolean): Auths {
  return Object.fromEntries(Object.entries(auths).filter(([key, entry]) => condition(key, entry)));
}

/**
 * The host of a key, which may be a URL: clients ignore the scheme, and use the entry for every path below its own. Kubelet also
 * ignores a query, and a user in front of the host.
 */
function hostOf(key: string): string {
  return key
    .replace(/^https?:\/\//i, '')
    .replace(/[/?#].*$/s, '')
    .replace(/^.*@/s, '')
    .toLowerCase();
}

function refused(message: string): Rest {
  return { kind: 'refused', message };
}

const NO_CONFIG =
  `With the annotation ${ANNOTATIONS.keepOtherAuths}: "true", data[".dockerconfigjson"] has to be a Docker config, because ` +
  'whatever is written replaces the entries of other registries; write them, or {"auths":{}} if there are none';

function tooMany(length: number): string {
  return (
    `The entries of other registries in data[".dockerconfigjson"] have ${length} characters, of which at most ` +
    `${MOST_OTHER_AUTHS} can be kept; put some of them into a Secret of their own`
  );
}
