import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { eventually, workspaceRoot } from '@ecr-anywhere/local-installation';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { comparable, textIn } from '../recording.ts';
import { descendants, listeningAddresses } from './processes.ts';
import { openTerminal, type TerminalSession } from './terminal-session.ts';

const ROOT = workspaceRoot();
const COLUMNS = 60;
const CTRL_C = '\x03';
const LOOPBACK = ['0100007F', '00000000000000000000000001000000'];
/** A build may come first, on a slow machine. */
const PATIENCE = 600_000;

/** Ends the last line that --keep prints. */
const END_OF_KEEP = 'deletes these files.';

/** What a command leaves that has worked and has nothing to say. */
const SILENT = { status: 0, stdout: '', stderr: '' };

/** Settings of a user that would choose another identity. */
const OF_A_USER = {
  AWS_PROFILE: 'no-such-profile',
  AWS_ROLE_ARN: 'arn:aws:iam::999999999999:role/another',
  KUBECONFIG: '/nowhere',
};

describe('npm run demo -- --keep, in a terminal with 60 columns', () => {
  let temporary: string;
  let session: TerminalSession;

  const environment = () => ({ ...process.env, ...OF_A_USER, TMPDIR: temporary, NODE_OPTIONS: '' });
  const run = (command: string) => {
    const { status, stdout, stderr } = spawnSync('sh', ['-c', command], {
      cwd: '/',
      env: environment(),
      encoding: 'utf8',
    });
    return { status, stdout, stderr };
  };
  /** The printed commands. Each follows the line with its purpose. */
  const commandAfter = (purpose: string) => {
    const lines = session.text().split('\n');
    const command = lines[lines.indexOf(purpose) + 1] ?? '';
    expect({ purpose, command }).toEqual({ purpose, command: expect.stringMatching(/^ {2}\w/) });
    return command.trim();
  };

  beforeAll(async () => {
    temporary = await mkdtemp(join(tmpdir(), 'demo-spec-'));
    session = openTerminal('npm run demo -- --keep', { columns: COLUMNS, cwd: ROOT, env: environment() });
    let code: number | null | undefined;
    session.ended.then((exit) => (code = exit)).catch(() => undefined);
    await eventually('the story ends', () => code !== undefined || session.text().includes(END_OF_KEEP), {
      within: PATIENCE,
      every: 200,
    });
    if (code !== undefined) throw new Error(`The demo ended with ${code}:\n${session.text()}`);
  }, PATIENCE);

  afterAll(async () => {
    session.type(CTRL_C);
    await session.ended;
    await rm(temporary, { recursive: true });
  }, 60_000);

  it('tells the same story as the recording in docs/demo.svg', () => {
    const recorded = comparable(textIn(readFileSync(join(ROOT, 'docs/demo.svg'), 'utf8')));
    const told = comparable(session.text());
    const story = told.slice(told.indexOf('1. '), told.indexOf('Everything keeps running')).trim();
    // If this fails because the story has changed: npm run demo:record
    expect(story.split('. ')).toEqual(recorded.split('. '));
  });

  it('prints one line about the build, and no line of Nx', () => {
    const [beforeTheStory = ''] = session.text().split('1. Before');
    const lines = beforeTheStory.split('\n').filter((line) => line !== '' && !line.startsWith('> '));
    expect(lines).toEqual([expect.stringMatching(/^Building .* …$/)]);
  });

  it('prints lines that fit, except for commands to paste', () => {
    const long = session
      .text()
      .split('\n')
      .filter((line) => line.length > COLUMNS);
    expect(
      long.filter((line) => !/^ {2}(?:env|curl|cat|echo) /.test(line) && !/ in \/\S+$/.test(line)),
    ).toEqual([]);
  });

  it('listens on loopback only', () => {
    const addresses = listeningAddresses(descendants(session.pid));
    // The API server, AWS, the Service, the webhook, its metrics.
    expect(addresses.length).toBeGreaterThanOrEqual(5);
    expect(addresses.filter((address) => !LOOPBACK.includes(address))).toEqual([]);
  });

  it.each([
    ['Which Secrets are due? Run the refresher:', /^checked 5, due 0, /m],
    ['Refresh every Secret, due or not:', /^checked 5, due 5, refreshed 5, failed 0/m],
    ['Read a Secret (this API server is too small for kubectl):', /"\.dockerconfigjson"/],
    ['Send a review to the webhook, as the API server does:', /"allowed":true.*"patch"/],
    ['Read the metrics of one replica of the webhook:', /^(ecr_anywhere_\S+ \S+\n)+$/],
    ['See the keys of the stand-in for AWS:', /^AWS_ACCESS_KEY_ID=\w+$/m],
    ['Get a Docker config with these keys:', /"111122223333\.dkr\.ecr\.us-east-1\.amazonaws\.com"/],
    ["Ask Docker's credential helper:", /"Username":"AWS"/],
    ["Pull an image's manifest from the registry:", /"application\/vnd\.oci\.image\.layer/],
  ])('prints a command that works as it is, and ends its output with a line break: %s', (purpose, output) => {
    const { status, stdout, stderr } = run(commandAfter(purpose));
    expect({ status, stderr, stdout }).toEqual({
      status: 0,
      stderr: '',
      stdout: expect.stringMatching(output),
    });
    expect(stdout).toMatch(/[^\n]\n$/);
  });

  it('prints the commands that make AWS unreachable, and reachable again', () => {
    const helper = commandAfter("Ask Docker's credential helper:");
    expect(run(commandAfter('Make AWS unreachable, and try the commands again:'))).toEqual(SILENT);
    expect(run(helper).stderr).toContain('could not be reached');
    expect(run(commandAfter('Make AWS reachable again:'))).toEqual(SILENT);
    expect(run(helper)).toMatchObject({ status: 0 });
  });

  it('tests every command that it prints', () => {
    const commands = session
      .text()
      .split('\n')
      .filter((line) => /^ {2}\w/.test(line));
    expect(commands).toHaveLength(11);
  });

  it('ends everything after Ctrl-C, and leaves no process and no file', async () => {
    const pids = descendants(session.pid);
    session.type(CTRL_C);
    expect(await session.ended).toBe(0);
    expect(session.text()).toContain('\nEverything that the demo started has ended.');
    expect(pids.filter((pid) => existsSync(`/proc/${pid}`))).toEqual([]);
    expect((await readdir(temporary)).filter((name) => name.startsWith('ecr-anywhere'))).toEqual([]);
  }, 60_000);
});

describe('the demo, when it does not come to its end', () => {
  const program = `${process.execPath} tools/scenarios/demo/dist/main.js`;
  let temporary: string;

  beforeAll(async () => {
    temporary = await mkdtemp(join(tmpdir(), 'demo-spec-'));
  });

  afterAll(() => rm(temporary, { recursive: true }));

  const leftovers = async () => (await readdir(temporary)).filter((name) => name.startsWith('ecr-anywhere'));
  const env = () => ({ ...process.env, TMPDIR: temporary, NODE_OPTIONS: '' });

  // The pipe closes while npm prints its own lines, before the build, and in the middle of the story.
  it.each([
    { command: 'npm run demo', lines: 1, errors: /^Building .*\n$/ },
    { command: program, lines: 12, errors: /^$/ },
  ])(
    'ends without an error if nobody reads after line $lines of $command',
    async ({ command, lines, errors }) => {
      const { stdout } = spawnSync('sh', ['-c', `${command} 2>"$TMPDIR/errors" | head -n ${lines}`], {
        cwd: ROOT,
        env: env(),
        encoding: 'utf8',
      });
      expect(stdout.split('\n').length).toBeLessThanOrEqual(lines + 1);
      expect(readFileSync(join(temporary, 'errors'), 'utf8')).toMatch(errors);
      expect(await leftovers()).toEqual([]);
    },
    PATIENCE,
  );

  it(
    'leaves no process and no file after Ctrl-C in the middle of the story',
    async () => {
      const session = openTerminal(program, { columns: 80, cwd: ROOT, env: env() });
      await eventually('the webhook runs', () => session.text().includes('\n4. '), { within: PATIENCE });
      const pids = descendants(session.pid);
      session.type(CTRL_C);
      expect(await session.ended).toBe(130);
      expect(session.text()).not.toContain('The story failed');
      expect(session.text()).toContain('Everything that the demo started has ended.');
      expect(pids.filter((pid) => existsSync(`/proc/${pid}`))).toEqual([]);
      expect(await leftovers()).toEqual([]);
    },
    PATIENCE,
  );
});
