import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { chmodSync, existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { isolateAwsEnvironment, type AwsEnvironment } from '../../testing/aws-environment.ts';
import { ACCOUNT, metadataCredentials, startAwsStandIn } from '../../testing/aws-stand-in.ts';
import { failureToFind, find } from '../../testing/chain.ts';
import { eventually } from '@ecr-anywhere/eventually';
import { fromPlan } from '../from-plan.ts';
import { planIdentity } from '../plan.ts';

let environment: AwsEnvironment;
beforeEach(() => {
  environment = isolateAwsEnvironment();
});
afterEach(() => environment.restore());

/** Writes a default profile with this command line. */
function command(line: string): void {
  environment.set({
    AWS_CONFIG_FILE: environment.write('config', `[default]\ncredential_process = ${line}\n`),
  });
}

/** Writes a program into the folder of the test. @returns its path */
function program(name: string, script: string): string {
  const file = environment.write(name, `#!/bin/sh\n${script}\n`);
  chmodSync(file, 0o755);
  return file;
}

const printing = (output: string) => `cat ${environment.write('output.json', output)}`;
const output = (fields: object) =>
  JSON.stringify({ Version: 1, AccessKeyId: 'ASIA', SecretAccessKey: 'planted', ...fields });

describe('a credential_process', () => {
  it('gives its credentials with their expiration', async () => {
    const Expiration = new Date(Date.now() + 3_600_000).toISOString();
    command(printing(output({ SessionToken: 'session', Expiration })));
    const { credentials, source } = await find();
    expect(credentials).toEqual({
      accessKeyId: 'ASIA',
      secretAccessKey: 'planted',
      sessionToken: 'session',
      expiration: new Date(Expiration),
    });
    expect(source).toBe('the profile default');
  });

  it('is run without a shell; quotes are read as by the AWS CLI', async () => {
    const seen = join(environment.home, 'arguments');
    const file = program('my helper', `printf '%s|' "$@" > ${seen}; ${printing(output({}))}`);
    command(`"${file}" 'two words' $HOME ~ a;b \\"c`);
    await find();
    expect(readFileSync(seen, 'utf8')).toBe('two words|$HOME|~|a;b|"c|');
  });

  it('may contain ; and # after a space, which do not begin a comment, as for the AWS CLI', async () => {
    const seen = join(environment.home, 'arguments');
    const file = program('helper', `printf '%s|' "$@" > ${seen}; ${printing(output({}))}`);
    command(`sh -c 'true ; "$0" "$@" # for ECR' ${file} one ; two #three`);
    await find();
    expect(readFileSync(seen, 'utf8')).toBe('one|;|two|#three|');
  });

  it('is run on a machine without a shell, as in our images', async () => {
    command(
      `${process.execPath} -p '"{\\"Version\\":1,\\"AccessKeyId\\":\\"A\\",\\"SecretAccessKey\\":\\"s\\"}"'`,
    );
    environment.set({ PATH: dirname(environment.home) });
    expect((await find()).credentials.accessKeyId).toBe('A');
  });

  it('is found through PATH, and gets the environment', async () => {
    program('helper', `[ "$AWS_REGION" = eu-west-1 ] && ${printing(output({}))}`);
    command('helper');
    environment.set({ PATH: `${environment.home}:${process.env['PATH']}`, AWS_REGION: 'eu-west-1' });
    expect((await find()).credentials.accessKeyId).toBe('ASIA');
  });

  it('is run for a role whose source_profile has it', async () => {
    const aws = await startAwsStandIn();
    const role = `arn:aws:iam::${ACCOUNT}:role/pull`;
    const lines = `[default]\nrole_arn = ${role}\nsource_profile = base\n[profile base]\ncredential_process = ${printing(metadataCredentials('ASIA-PROCESS'))}\n`;
    environment.set({ AWS_CONFIG_FILE: environment.write('config', lines) });
    const { credentials, roles } = await find(aws.url);
    await aws.stop();
    expect(credentials.accessKeyId).toBe('ASIA-pull');
    expect(aws.seen[0]?.headers.authorization).toContain('Credential=ASIA-PROCESS/');
    expect(roles).toEqual([{ roleArn: role, outcome: 'assumed' }]);
  });

  it('runs once for concurrent callers', async () => {
    const starts = join(environment.home, 'starts');
    command(program('helper', `echo x >> ${starts}; sleep 0.2; ${printing(output({}))}`));
    const ask = fromPlan(planIdentity(process.env));
    await Promise.all([ask(), ask(), ask()]);
    expect(readFileSync(starts, 'utf8')).toBe('x\n');
    await ask();
    expect(readFileSync(starts, 'utf8')).toBe('x\nx\n');
  });
});

describe('a credential_process without valid credentials', () => {
  const told = async (line: string, limit?: number) => {
    command(line);
    const error = await failureToFind(limit);
    expect(error.message).toContain(
      `The credential_process of the profile default in ${environment.home}/config`,
    );
    expect(`${error.stack} ${JSON.stringify(error)}`).not.toContain('planted');
    return error;
  };

  it.each([
    ['fails', 'sh -c "echo planted; echo planted >&2; exit 3" planted', 'failed (exit code 3)'],
    ['is ended', `sh -c 'kill -SEGV $$'`, 'was ended by SIGSEGV'],
    ['is not there', '/no/such/planted', 'cannot be started (ENOENT)'],
    ['needs a shell', 'TOKEN=planted helper', 'cannot be started (ENOENT)'],
    ['is empty', `''`, 'cannot be started (ERR_INVALID_ARG_VALUE)'],
    ['is a folder', '/tmp planted', 'cannot be started (EACCES)'],
    ['has an open quotation', `sh -c 'planted`, 'cannot be split into words'],
    ['prints nothing', 'true', 'printed no JSON'],
    ['prints a list', 'echo [1]', 'printed no Version 1'],
    ['prints for ever', 'yes planted', 'printed far more than credentials, and was killed'],
  ])('that %s is reported with this reason', async (_, line, words) => {
    const error = await told(line);
    expect(error).toMatchObject({ code: 'credentials-missing', transient: false });
    expect(error.message).toContain(words);
  });

  it.each([
    ['another version', { Version: 2 }, 'printed no Version 1'],
    ['no key', { AccessKeyId: undefined }, 'printed no AccessKeyId'],
    ['no secret', { SecretAccessKey: '' }, 'printed no SecretAccessKey'],
    [
      'an expiration that is not a time',
      { Expiration: 'planted' },
      'printed an Expiration that is not a time',
    ],
  ])('that prints %s is reported with this reason', async (_, fields, words) => {
    const error = await told(printing(output(fields)));
    expect(error).toMatchObject({ code: 'credentials-missing', message: expect.stringContaining(words) });
  });

  it.each(['', 'source_profile'])(
    'whose credentials have expired is reported with this reason %s',
    async (by) => {
      const Expiration = '2020-01-02T03:04:05Z';
      const process = `credential_process = ${printing(output({ Expiration }))}`;
      const lines =
        by === ''
          ? `[default]\n${process}\n`
          : `[default]\nrole_arn = arn:aws:iam::${ACCOUNT}:role/pull\nsource_profile = base\n[profile base]\n${process}\n`;
      environment.set({ AWS_CONFIG_FILE: environment.write('config', lines) });
      const error = await failureToFind();
      expect(error).toMatchObject({ code: 'credentials-invalid', transient: false });
      expect(error.message).toContain('printed credentials that expired at 2020-01-02T03:04:05.000Z');
    },
  );

  it('that hangs is killed with its children, and is not reported as a network error', async () => {
    const pids = join(environment.home, 'pids');
    const file = program('helper', `sleep 1000 & echo $$ $! > ${pids}; trap '' TERM; wait`);
    const started = () => (existsSync(pids) ? readFileSync(pids, 'utf8').match(/\d+/g) : null) ?? [];
    let limit = 500;
    let error = await told(file, limit);
    // On a busy machine, the shell may need longer to start its child.
    while (started().length < 2) error = await told(file, (limit *= 2));
    expect(error).toMatchObject({ code: 'timeout', transient: true });
    expect(error.message).toContain(`took longer than ${limit / 1_000} s, and was killed`);
    expect(error.remedy).not.toMatch(/network|PROXY/);
    await eventually('both have ended', () => !started().some(isRunning)); // SIGKILL needs a moment
  });

  it('whose children keep its output open is also killed', async () => {
    const error = await told(program('helper', 'sleep 1000 & exit 0'), 500);
    expect(error).toMatchObject({ code: 'timeout' });
  });
});

/** Whether a process exists and is not a zombie. */
function isRunning(pid: string): boolean {
  try {
    return !/\) Z /.test(readFileSync(`/proc/${pid}/stat`, 'utf8'));
  } catch {
    return false;
  }
}
