import * as z from 'zod';
import type { AwsSettings } from '../aws-settings.ts';
import { isNamespacePattern } from './namespace-patterns.ts';
import { isProfileName } from './profile-choice.ts';
import { chainMistake, IDENTITY_FIELDS, planOf, profileIdentity, ROLE_FIELDS } from './profile-identity.ts';
import { DEFAULT_PROFILE, makeProfile, profilesFrom, type Profile } from './profiles.ts';
import { wrongHosts, type RegistryHost } from '../registry-hosts.ts';
import { isRegion, MOST_REGIONS } from '../regions.ts';
import { parseRegistryHost } from '../setting-types.ts';
import { SettingsError } from '../settings-error.ts';

/** Bytes of the file of profiles. A hundred profiles with a long list of namespaces each have less. */
export const MOST_PROFILE_BYTES = 256 * 1024;

const MOST_PROFILES = 100;
const MOST_HOSTS = 20;
const MOST_PATTERNS = 200;

/**
 * Regions of all profiles together. For each, the webhook may need a token, which it keeps in memory and renews: 2,000 of
 * them took more than 100 MiB before the first request to AWS.
 */
const MOST_REGIONS_OF_ALL = 200;

/** Mistakes that an error names. One may repeat in each profile. */
const MOST_MISTAKES = 20;

const region = z.string().refine(isRegion, { error: 'expected the name of a region, such as eu-west-1' });

const host = z.string().transform((text, context): RegistryHost => {
  const parsed = parseRegistryHost(text);
  if (parsed !== undefined) return parsed;
  context.addIssue('expected a host without scheme and path: mirror.example.com:5000 or HOST=REGION');
  return z.NEVER;
});

const namespaces = z
  .array(
    z.string().refine(isNamespacePattern, {
      error: 'expected names of namespaces, in which * stands for any characters, such as team-a or team-b-*',
    }),
  )
  .max(MOST_PATTERNS);

const name = z
  .string()
  .refine(isProfileName, { error: 'expected at most 40 lower-case letters, digits and "-", a letter first' });

const entry = z
  .strictObject({
    name,
    namespaces: namespaces.optional(),
    identity: profileIdentity.optional(),
    region: region.optional(),
    regions: z.array(region).min(1).max(MOST_REGIONS).optional(),
    hosts: z.array(host).max(MOST_HOSTS).optional(),
  })
  .superRefine((fields, context) => {
    for (const [field, message] of fields.name === DEFAULT_PROFILE ? ofDefault(fields) : regionsOf(fields))
      context.addIssue({ code: 'custom', path: [field], message });
  });

const document = z.strictObject({ profiles: z.array(entry).max(MOST_PROFILES) });

type Entry = z.output<typeof entry>;
type Mistake = readonly [field: keyof Entry, message: string];

function ofDefault(fields: Partial<Entry>): readonly Mistake[] {
  return (['identity', 'region', 'regions', 'hosts'] as const)
    .filter((field) => fields[field] !== undefined)
    .map((field) => [
      field,
      `expected only namespaces for the profile ${DEFAULT_PROFILE}: the environment makes it (AWS_REGION, AWS_ROLE_ARN, REGISTRY_HOSTS)`,
    ]);
}

function regionsOf({ region: one, regions: several }: Partial<Entry>): readonly Mistake[] {
  if ((one === undefined) !== (several === undefined)) return [];
  return [['regions', 'expected either region or regions, with the regions in the names of the images']];
}

/**
 * The profiles of an installation: the default one, which the environment makes, first, and then those of the file in their
 * order there.
 *
 * @param content - of the file, as YAML has it
 * @throws {@link SettingsError} with the first mistakes; each names the profile, the field and what to do
 */
export function profilesOfFile(
  content: unknown,
  aws: AwsSettings,
  hosts: readonly RegistryHost[],
): readonly Profile[] {
  const { data, error } = document.safeParse(content);
  if (error) throw tooMany(error.issues.map((issue) => mistakeOf(issue, content)));
  const mistakes = [
    ...repeated(data.profiles),
    ...tooManyRegions(data.profiles),
    ...data.profiles.flatMap((each) => [...hostMistakes(each), ...roleMistakes(each, aws)]),
  ];
  const [byEnvironment] = profilesFrom(aws, hosts);
  const limit = data.profiles.find((each) => each.name === DEFAULT_PROFILE);
  if (limit !== undefined && byEnvironment === undefined)
    mistakes.push(
      `profile ${DEFAULT_PROFILE}: expected a region in the environment (AWS_REGION), which makes it`,
    );
  const others = data.profiles.filter((each) => each !== limit);
  if (byEnvironment === undefined && others.length === 0)
    mistakes.push('profiles: expected a profile, or a region in the environment (AWS_REGION)');
  if (mistakes.length > 0) throw tooMany(mistakes);
  const ofDefault = byEnvironment && { ...byEnvironment, namespaces: limit?.namespaces ?? ('all' as const) };
  return [...(ofDefault ? [ofDefault] : []), ...others.map((each) => profileOf(each, aws))];
}

function profileOf(fields: Entry, { client, identity }: AwsSettings): Profile {
  return makeProfile({
    name: fields.name,
    namespaces: fields.namespaces ?? [],
    client,
    regions: regionNames(fields),
    hosts: fields.hosts ?? [],
    ...planOf(fields.identity ?? { roles: [] }, identity),
  });
}

/** Each once, home first. The schema has made sure that there is one. */
function regionNames({ region: one, regions = [] }: Entry): readonly [string, ...string[]] {
  const [home, ...others] = new Set([...(one === undefined ? [] : [one]), ...regions]);
  if (home === undefined) throw new Error('A profile has a region');
  return [home, ...others];
}

function repeated(profiles: readonly Entry[]): string[] {
  const names = profiles.map((each) => each.name);
  const twice = new Set(names.filter((each, index) => names.indexOf(each) !== index));
  return [...twice].map((each) => `profile ${each}: expected each name once; rename one of the two profiles`);
}

function tooManyRegions(profiles: readonly Entry[]): string[] {
  const count = withoutDefault(profiles).reduce((sum, each) => sum + regionNames(each).length, 0);
  if (count <= MOST_REGIONS_OF_ALL) return [];
  return [
    `profiles: expected at most ${MOST_REGIONS_OF_ALL} regions in all profiles together, not ${count}; remove profiles or regions`,
  ];
}

function withoutDefault(profiles: readonly Entry[]): readonly Entry[] {
  return profiles.filter((each) => each.name !== DEFAULT_PROFILE);
}

function hostMistakes(fields: Entry): string[] {
  if (fields.name === DEFAULT_PROFILE) return [];
  const remedy = "name mirrors, and registries of the profile's regions";
  return wrongHosts(fields.hosts ?? [], regionNames(fields), remedy).map(
    (mistake) => `profile ${fields.name}: hosts: ${mistake}`,
  );
}

function roleMistakes({ name: profile, identity }: Entry, ofProgram: AwsSettings): string[] {
  const mistake = identity && chainMistake(identity, ofProgram.identity);
  return mistake === undefined ? [] : [`profile ${profile}: identity.roles[0].duration: ${mistake}`];
}

function tooMany(mistakes: readonly string[]): SettingsError {
  const [shown, more] = [mistakes.slice(0, MOST_MISTAKES), mistakes.length - MOST_MISTAKES];
  return new SettingsError(more > 0 ? [...shown, `and ${more} more mistakes in the profiles`] : shown);
}

/** `profile team-a: identity.roles[0].arn: expected …`. It contains nothing of the file, except for the name. */
function mistakeOf(issue: z.core.$ZodIssue, content: unknown): string {
  const [, index, ...fields] = issue.path;
  const isInProfile = typeof index === 'number';
  const where = isInProfile ? [`profile ${nameIn(content, index)}`] : [];
  const field = fieldText(isInProfile ? fields : issue.path);
  return [...where, ...(field === '' ? [] : [field]), textOf(issue)].join(': ');
}

/** The message does not show the name of an unknown field: somebody may have put a key of AWS there by mistake. */
function textOf(issue: z.core.$ZodIssue): string {
  if (issue.code !== 'unrecognized_keys') return issue.message;
  return `expected no other fields than ${knownFields(issue.path).join(', ')}`;
}

function knownFields(path: readonly PropertyKey[]): readonly string[] {
  if (path.includes('roles')) return ROLE_FIELDS;
  if (path.includes('identity')) return IDENTITY_FIELDS;
  return Object.keys(path.length === 0 ? document.shape : entry.shape);
}

/** The name of a profile if it can be one, or else its number. */
function nameIn(content: unknown, index: number): string {
  const list = (content as { profiles: readonly unknown[] }).profiles;
  const given: unknown = (list[index] as { name?: unknown } | null | undefined)?.name;
  return typeof given === 'string' && isProfileName(given) ? given : `number ${index + 1}`;
}

function fieldText(path: readonly PropertyKey[]): string {
  return path.reduce<string>((text, part) => {
    if (typeof part === 'number') return `${text}[${part}]`;
    return text === '' ? String(part) : `${text}.${String(part)}`;
  }, '');
}
