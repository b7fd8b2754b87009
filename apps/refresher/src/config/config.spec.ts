import { describe, expect, it } from '@jest/globals';
import { SettingsError, type Settings } from '@ecr-anywhere/settings';
import { outputFormat, readConfig } from './config.ts';

function mistakesOf(args: readonly string[], env: Settings = {}): readonly string[] {
  try {
    readConfig(args, env);
  } catch (error) {
    if (error instanceof SettingsError) return error.mistakes;
  }
  return [];
}

describe('the settings of the refresher', () => {
  it('have defaults, and a flag wins over its variable', () => {
    expect(readConfig([], {})).toMatchObject({
      threshold: 21_600_000,
      concurrency: 10,
      pageSize: 500,
      namespaces: [],
      dryRun: false,
      terminationMessagePath: '/dev/termination-log',
    });
    expect(
      readConfig(['--concurrency', '3', '--dry-run'], {
        CONCURRENCY: '7',
        DRY_RUN: 'false',
        NAMESPACES: 'a,b',
      }),
    ).toMatchObject({ concurrency: 3, dryRun: true, namespaces: ['a', 'b'] });
  });

  it('say where the report goes, unless the run checks less than the installation does', () => {
    const env = { REPORT_CONFIG_MAP: 'ecr-anywhere/ecr-anywhere-refresher-report', NAMESPACES: 'a,b' };
    const there = { namespace: 'ecr-anywhere', name: 'ecr-anywhere-refresher-report' };
    expect(readConfig([], {}).reportConfigMap).toBeUndefined();
    expect(readConfig(['--force'], env).reportConfigMap).toEqual(there);
    expect(readConfig(['--dry-run'], env).reportConfigMap).toBeUndefined();
    expect(readConfig(['--namespaces', 'a'], env).reportConfigMap).toBeUndefined();
    expect(readConfig(['--secret-names', 'a'], env).reportConfigMap).toBeUndefined();
    const flag = ['--report-config-map', 'n/of.mine'];
    expect(readConfig(['--namespaces', 'a', ...flag], env).reportConfigMap).toEqual({
      namespace: 'n',
      name: 'of.mine',
    });
  });

  it('may say which names managed Secrets have', () => {
    expect(readConfig([], {}).secretNames).toEqual([]);
    expect(readConfig([], { SECRET_NAMES: 'pull,other' }).secretNames).toEqual(['pull', 'other']);
    expect(mistakesOf(['--secret-names', 'a/b'])).toEqual([
      expect.stringMatching(/^--secret-names: expected at most 20 names of Secrets/),
    ]);
  });

  it.each(['name', 'a/b/c', 'a/', '/b', 'a.b/c', '../secrets', 'a/..'])(
    'refuse %j as the name of a ConfigMap: it becomes part of a path',
    (name) => {
      expect(mistakesOf([], { REPORT_CONFIG_MAP: name })).toEqual([
        `REPORT_CONFIG_MAP: expected NAMESPACE/NAME, not "${name}"`,
      ]);
    },
  );

  it('are named in an error by the flag that the user typed', () => {
    const args = ['--threshold', '6', '--namespaces=..', '--concurrency', '0', '--page-size', 'all'];
    const more = ['--deadline', '1x', '--request-timeout', '0s', '--output', 'xml'];
    expect(mistakesOf([...args, ...more])).toEqual([
      expect.stringMatching(/^--threshold: expected a duration .*, not "6"$/),
      expect.stringMatching(/^--namespaces: expected names of namespaces/),
      expect.stringMatching(/^--concurrency: expected a whole number/),
      expect.stringMatching(/^--page-size: expected a whole number/),
      expect.stringMatching(/^--deadline: expected a duration/),
      expect.stringMatching(/^--request-timeout: expected a duration/),
      expect.stringMatching(/^--output: expected text or json/),
    ]);
  });

  it('are named in an error by the variable if the user typed no flag', () => {
    const env = { REFRESH_THRESHOLD: '6', DRY_RUN: 'yes', REFRESH_MARGIN: '1', OUTPUT: 'xml' };
    expect(mistakesOf(['--output', 'json', '--context', 'a'], env)).toEqual([
      expect.stringMatching(/^REFRESH_THRESHOLD: /),
      expect.stringMatching(/^DRY_RUN: expected true or false, not "yes"$/),
      expect.stringMatching(/^REFRESH_MARGIN: /),
    ]);
  });

  it('are named in the same way in errors that come later', () => {
    const { nameOf } = readConfig(['--namespaces', 'a', '--context', ''], { KUBE_CONTEXT: 'b' });
    expect(nameOf('NAMESPACES')).toBe('--namespaces');
    expect(nameOf('KUBE_CONTEXT')).toBe('KUBE_CONTEXT');
    expect(nameOf('KUBECONFIG')).toBe('KUBECONFIG');
  });

  it('are refused with a flag that does not exist, or has no value', () => {
    expect(mistakesOf(['--nonsense'])).toEqual(["Unknown option '--nonsense'; --help lists the flags"]);
    expect(mistakesOf(['--threshold'])).toEqual([
      expect.stringMatching(/--threshold.*; --help lists the flags$/),
    ]);
  });

  it('say how to print errors even if others of them are wrong', () => {
    expect(outputFormat(['--nonsense', '--output', 'json', '--threshold', '6'], {})).toBe('json');
    expect(outputFormat(['--output=json'], {})).toBe('json');
    expect(outputFormat([], { OUTPUT: 'json' })).toBe('json');
    expect(outputFormat(['--output', 'text'], { OUTPUT: 'json' })).toBe('text');
    expect(outputFormat(['--output', 'xml'], {})).toBe('text');
  });

  it('are refused together with wrong settings for AWS', () => {
    expect(mistakesOf(['--page-size', 'all'], { AWS_ROLE_ARN: 'pull' })).toEqual([
      expect.stringMatching(/^--page-size: /),
      expect.stringMatching(/^AWS_ROLE_ARN is not the ARN of a role/),
    ]);
  });

  it('are refused if the threshold is longer than the life of a token', () => {
    expect(mistakesOf(['--threshold', '11h45m'])).toEqual([expect.stringMatching(/^--threshold: /)]);
    expect(mistakesOf([], { REFRESH_THRESHOLD: '11h45m' })).toEqual([
      expect.stringMatching(/^REFRESH_THRESHOLD: /),
    ]);
  });

  it('keep each namespace once, and refuse what cannot be the name of one', () => {
    expect(readConfig([], { NAMESPACES: 'a,b,a' }).namespaces).toEqual(['a', 'b']);
    expect(mistakesOf([], { NAMESPACES: 'a,..' })).toEqual([
      expect.stringContaining('NAMESPACES: expected names of namespaces'),
    ]);
  });
});

describe('the labels of namespaces', () => {
  const labelsOf = (text: string) => readConfig([], { NAMESPACE_LABELS: text }).namespaceLabels;

  it.each([
    ['', {}],
    ['team=a', { team: 'a' }],
    [' team=a , env= ', { team: 'a', env: '' }],
    ['team=a,team=a', { team: 'a' }],
    ['example.com/team.name=A_1', { 'example.com/team.name': 'A_1' }],
    ['constructor=a', { constructor: 'a' }],
    ['ecr-anywhere.centml.ai/namespace=enabled', { 'ecr-anywhere.centml.ai/namespace': 'enabled' }],
  ])('are read from "%s"', (text, labels) => {
    expect(labelsOf(text)).toEqual(labels);
  });

  it.each([
    'team',
    '=a',
    'team=a=b',
    'team==a',
    'team!=a',
    'team in (a)',
    'a b=c',
    '/team=a',
    'team=-',
    'A.B/c=d',
  ])('are refused if they read %s', (text) => {
    expect(mistakesOf(['--namespace-labels', text])).toEqual([
      expect.stringMatching(/^--namespace-labels: expected labels, .* such as team=a,env=prod/),
    ]);
  });

  it('are refused if no namespace can have them', () => {
    expect(mistakesOf([], { NAMESPACE_LABELS: 'team=a,team=b' })).toEqual([
      expect.stringMatching(/^NAMESPACE_LABELS: expected one value for the label team/),
    ]);
    expect(mistakesOf([], { NAMESPACE_LABELS: 'ecr-anywhere.centml.ai/namespace=disabled' })).toEqual([
      expect.stringMatching(
        /^NAMESPACE_LABELS: expected no value other than enabled for the label ecr-anywhere/,
      ),
    ]);
  });
});

describe('the command of the refresher', () => {
  it('is refresh, unless the arguments name another one', () => {
    expect(readConfig([], {}).command).toEqual({ kind: 'refresh' });
    expect(readConfig(['check', 'a', '--context', 'c'], {}).command).toEqual({
      kind: 'check',
      namespace: 'a',
      configuration: undefined,
    });
    expect(readConfig(['check', 'a', 'b.c'], {}).command).toEqual({
      kind: 'check',
      namespace: 'a',
      configuration: 'b.c',
    });
    expect(readConfig(['delete-secrets', 'a/b', 'c/d'], {}).command).toEqual({
      kind: 'delete-secrets',
      secrets: [
        { namespace: 'a', name: 'b' },
        { namespace: 'c', name: 'd' },
      ],
    });
  });

  it('is check for a flag that names the profiles of its Secret: a run is not limited to profiles', () => {
    expect(readConfig(['check', 'a', '--profile', 'team-a,team-b'], {}).checkProfile).toBe('team-a,team-b');
    expect(readConfig(['check', 'a'], { CHECK_PROFILE: 'team-a' }).checkProfile).toBe('team-a');
    expect(readConfig(['check', 'a'], {}).checkProfile).toBeUndefined();
    expect(mistakesOf(['--profile', 'team-a'])).toEqual([
      expect.stringMatching(/^--profile: only the command/),
    ]);
  });

  it.each([
    [['chekc']],
    [['check']],
    [['check', 'a/b']],
    [['check', 'a', 'b', 'c']],
    [['check', 'a', '..']],
    [['delete-secrets']],
    [['delete-secrets', 'name']],
    [['delete-secrets', 'a/..']],
    [['delete-secrets', '../b']],
    [['delete-secrets', 'a/.']],
    [['delete-secrets', 'a/b/c']],
  ])('cannot be %j', (args) => {
    expect(() => readConfig(args, {})).toThrow(/command|name of one namespace|NAMESPACE\/NAME/);
  });
});
