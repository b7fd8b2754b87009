import { parseArgs } from 'node:util';
import { parseYaml } from '@ecr-anywhere/kubernetes/yaml';
import {
  checkRegistryHosts,
  checkThreshold,
  profileSource,
  readAll,
  readAws,
  readSettings,
  SettingsError,
  type Milliseconds,
  type NameOf,
  type Settings,
} from '@ecr-anywhere/settings';
import * as z from 'zod';
import { parseCommand, type Command } from './command.ts';
import { parseCommandLine } from './command-line.ts';
import { expectedProfiles, type ExpectedProfiles } from './expected-profiles.ts';
import * as types from './setting-types.ts';
import { SETTING_ROWS, SETTINGS, type Setting, type SettingName } from './settings.ts';

export type OutputFormat = 'text' | 'json';

/** What the command line and the environment say. Nothing else in this program reads settings from the environment. */
export interface Config {
  readonly command: Command;
  readonly threshold: Milliseconds;
  readonly profiles: ExpectedProfiles;
  readonly namespaces: readonly string[];
  /** The only names that managed Secrets have; empty: they may have any name. */
  readonly secretNames: readonly string[];
  /** What the Secret of a check has as `ecr-anywhere.centml.ai/profile`. The webhook judges it. */
  readonly checkProfile: string | undefined;
  /** The labels of the namespaces of this installation. */
  readonly namespaceLabels: Readonly<Record<string, string>>;
  readonly concurrency: number;
  readonly pageSize: number;
  readonly deadline: Milliseconds | undefined;
  readonly requestTimeout: Milliseconds;
  readonly dryRun: boolean;
  readonly force: boolean;
  readonly output: OutputFormat;
  /** The file of the flag. Without the flag, the kubeconfig is searched where kubectl searches, KUBECONFIG first. */
  readonly kubeconfig: string | undefined;
  readonly context: string | undefined;
  readonly terminationMessagePath: string;
  /** Where the report goes. Undefined if the run does not check what the installation checks: the report would be wrong. */
  readonly reportConfigMap: { readonly namespace: string; readonly name: string } | undefined;
  /** How the user set a setting: the flag such as `--context` if they typed it, else the variable. For messages. */
  readonly nameOf: (setting: SettingName) => string;
}

type SettingTypes = { [Name in SettingName]: ReturnType<(typeof SETTINGS)[Name]['type']> };

const schema = z.object(
  Object.fromEntries(
    SETTING_ROWS.map(([name, { type, default: byDefault = '' }]) => [name, type(types, byDefault)]),
  ) as SettingTypes,
);

/** Works even if other settings are wrong. */
export function terminationMessagePath(env: Settings): string {
  return env['TERMINATION_MESSAGE_PATH'] || SETTINGS.TERMINATION_MESSAGE_PATH.default;
}

/** Works even if other settings are wrong. */
export function outputFormat(args: readonly string[], env: Settings): OutputFormat {
  const { values } = parseArgs({
    args: [...args],
    options: { output: { type: 'string' } },
    allowPositionals: true,
    strict: false,
  });
  return (values.output ?? env['OUTPUT']) === 'json' ? 'json' : 'text';
}

/** @throws SettingsError with every mistake at once. */
export function readConfig(args: readonly string[], env: Settings): Config {
  const { flags, words } = parseCommandLine(args);
  const command = parseCommand(words);
  if (flags.CHECK_PROFILE !== undefined && command.kind !== 'check')
    throw new SettingsError(['--profile: only the command check has it; a run refreshes all profiles']);
  const nameOf = (setting: SettingName) => {
    const { flag = '' }: Setting = SETTINGS[setting];
    return flags[setting] ? flag.replace(/ .*/, '') : setting;
  };
  const aws = readAws(env);
  const checks = [checkThreshold, checkRegistryHosts(aws.regions)];
  const [values, awsSettings] = readAll(
    // Every name in the schema is that of a setting.
    () => readSettings(schema, { ...env, ...flags }, checks, nameOf as NameOf),
    () => aws.settings(),
  );
  return {
    command,
    threshold: values.REFRESH_THRESHOLD,
    profiles: expectedProfiles(
      profileSource(
        { aws: awsSettings, hosts: values.REGISTRY_HOSTS, file: values.PROFILES_FILE },
        parseYaml,
      ),
    ),
    namespaces: values.NAMESPACES,
    secretNames: values.SECRET_NAMES,
    checkProfile: values.CHECK_PROFILE,
    namespaceLabels: values.NAMESPACE_LABELS,
    concurrency: values.CONCURRENCY,
    pageSize: values.PAGE_SIZE,
    deadline: values.DEADLINE === 0 ? undefined : values.DEADLINE,
    requestTimeout: values.REQUEST_TIMEOUT,
    dryRun: values.DRY_RUN,
    force: values.FORCE,
    output: values.OUTPUT,
    kubeconfig: flags.KUBECONFIG,
    context: values.KUBE_CONTEXT,
    terminationMessagePath: terminationMessagePath(env),
    reportConfigMap:
      values.DRY_RUN || ((flags.NAMESPACES || flags.SECRET_NAMES) && !flags.REPORT_CONFIG_MAP)
        ? undefined
        : values.REPORT_CONFIG_MAP,
    nameOf,
  };
}
