import { homedir } from 'node:os';
import { join } from 'node:path';
import { EcrTokenError } from '../errors/error.ts';
import { read, type Environment } from './environment.ts';
import { parseIni, type IniSection } from './ini.ts';
import { MEBIBYTE, readSmallFile, type UnreadableFileError } from './small-file.ts';

/** Settings by their names in lower case, such as `sso_region`. */
export type Settings = Readonly<Record<string, string>>;

/** A profile. The credentials file wins over the configuration file. */
export interface Profile {
  readonly name: string;
  readonly settings: Settings;
  /** The files that contain it. */
  readonly files: readonly string[];
}

/** The content of the shared configuration and credentials files. */
export interface SharedConfig {
  readonly profiles: ReadonlyMap<string, Profile>;
  readonly ssoSessions: ReadonlyMap<string, Settings>;
  readonly configFile: string;
  readonly credentialsFile: string;
  /** What is wrong with the files, in words. It is reported if something is not found in them. */
  readonly troubles: readonly string[];
}

/** Where a file is, and which variable may say so. */
interface Location {
  readonly path: string;
  /** The variable that may name the file, and whether it does. */
  readonly variable: string;
  readonly isNamed: boolean;
}

interface Loaded {
  readonly sections: readonly IniSection[];
  readonly trouble?: string | undefined;
}

/** Thousands of profiles are one mebibyte. */
const LARGEST = 16 * MEBIBYTE;

/** The name of the profile to use. The AWS SDK reads only `AWS_PROFILE`. */
export function profileName(env: Environment): string {
  return read(env, 'AWS_PROFILE') ?? read(env, 'AWS_DEFAULT_PROFILE') ?? 'default';
}

/**
 * Reads the shared configuration and credentials files. A file that does not exist counts as empty, as for the AWS CLI.
 *
 * @throws `EcrTokenError` with `invalid-settings` if one is a pipe or too large: clients of the AWS SDK read these
 * files too, and would hang.
 */
export async function readSharedConfig(env: Environment): Promise<SharedConfig> {
  const { config, credentials } = locations(env);
  const [inConfig, inCredentials] = await Promise.all([load(config), load(credentials)]);
  const profiles = new Map<string, Profile>();
  const ssoSessions = new Map<string, Settings>();
  for (const { name, settings } of inConfig.sections) {
    const { kind, title } = titleOf(name);
    if (kind === 'profile') add(profiles, title, settings, config.path);
    if (kind === 'sso-session') ssoSessions.set(title, { ...ssoSessions.get(title), ...settings });
  }
  for (const { name, settings } of inCredentials.sections) add(profiles, name, settings, credentials.path);
  return {
    profiles,
    ssoSessions,
    configFile: config.path,
    credentialsFile: credentials.path,
    troubles: [inConfig.trouble, inCredentials.trouble].filter((trouble) => trouble !== undefined),
  };
}

/** The paths of the two files, whether or not they exist. */
export function sharedConfigFiles(env: Environment): readonly string[] {
  const { config, credentials } = locations(env);
  return [config.path, credentials.path];
}

function locations(env: Environment): { readonly config: Location; readonly credentials: Location } {
  return {
    config: locate(env, 'AWS_CONFIG_FILE', 'config'),
    credentials: locate(env, 'AWS_SHARED_CREDENTIALS_FILE', 'credentials'),
  };
}

/** The home folder, as the AWS SDK finds it. */
export function homeOf(env: Environment): string {
  return read(env, 'HOME') ?? homedir();
}

function locate(env: Environment, variable: string, name: string): Location {
  const home = homeOf(env);
  const given = read(env, variable);
  if (given === undefined) return { path: join(home, '.aws', name), variable, isNamed: false };
  return { path: given.startsWith('~/') ? join(home, given.slice(2)) : given, variable, isNamed: true };
}

async function load({ path, variable, isNamed }: Location): Promise<Loaded> {
  const told = isNamed ? `${variable} names ${path}, which` : path;
  try {
    const { sections, strayLine } = parseIni(await readSmallFile(path, LARGEST));
    if (strayLine === undefined) return { sections };
    return { sections, trouble: `line ${strayLine} of ${path} is neither a section nor a setting` };
  } catch (error) {
    const { code, reason } = error as UnreadableFileError;
    if (code === undefined) {
      throw new EcrTokenError({
        code: 'invalid-settings',
        message: `${told} ${reason}`,
        remedy: `put a regular file there, or name another one with ${variable}`,
      });
    }
    // Having neither file is usual.
    const isUsual = code === 'ENOENT' && !isNamed;
    return { sections: [], trouble: isUsual ? undefined : `${told} ${reason}` };
  }
}

/** `[default]`, `[profile ci]`, `[profile "two words"]`, `[sso-session corp]`; other sections are ignored. */
function titleOf(section: string): { readonly kind?: string | undefined; readonly title: string } {
  if (section === 'default') return { kind: 'profile', title: section };
  const [, kind, , quoted, plain] = /^([\w-]+)\s+(?:(["'])(.+)\2|([^\s"']+))$/.exec(section) ?? [];
  return { kind, title: quoted ?? plain ?? '' };
}

function add(profiles: Map<string, Profile>, name: string, settings: Settings, file: string): void {
  const before = profiles.get(name);
  profiles.set(name, {
    name,
    settings: { ...before?.settings, ...settings },
    files: [...new Set([...(before?.files ?? []), file])],
  });
}
