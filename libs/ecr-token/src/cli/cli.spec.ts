import {
  chmod,
  mkdir,
  mkdtemp,
  readdir,
  readFile,
  rename,
  rm,
  stat,
  symlink,
  writeFile,
} from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { isolateAwsEnvironment, type AwsEnvironment } from '../testing/aws-environment.ts';
import { ACCOUNT, ecrError, startAwsStandIn, type AwsStandIn } from '../testing/aws-stand-in.ts';
import { startConnectProxy } from '../testing/connect-proxy.ts';
import { acceptErrorsOfNode } from '../testing/one-realm.ts';
import type { Console } from './console.ts';
import { runDockerCredential } from './run-docker-credential.ts';
import { runEcrToken } from './run-ecr-token.ts';

const HOST = `${ACCOUNT}.dkr.ecr.eu-west-1.amazonaws.com`;

async function packageVersion(): Promise<string> {
  const manifest = await readFile(join(import.meta.dirname, '../../package.json'), 'utf8');
  return (JSON.parse(manifest) as { version: string }).version;
}

describe('the command line', () => {
  let aws: AwsStandIn;
  let environment: AwsEnvironment;
  let folder: string;
  let printed: string;
  let complaints: string[];

  beforeAll(() => acceptErrorsOfNode());

  beforeEach(async () => {
    aws = await startAwsStandIn();
    environment = isolateAwsEnvironment();
    folder = await mkdtemp(join(tmpdir(), 'ecr-token-'));
    Object.assign(process.env, {
      AWS_REGION: 'eu-west-1',
      AWS_ENDPOINT_URL: aws.url,
      AWS_ACCESS_KEY_ID: 'AKIAEXAMPLE',
      AWS_SECRET_ACCESS_KEY: 'secret-canary',
      AWS_MAX_ATTEMPTS: '1',
    });
    printed = '';
    complaints = [];
  });

  afterEach(async () => {
    environment.restore();
    await aws.stop();
    await rm(folder, { recursive: true, force: true });
  });

  const console = (args: string[], input = ''): Console => ({
    args,
    env: process.env,
    input: async () => input,
    print: (text) => void (printed += text),
    complain: (line) => void complaints.push(line),
  });
  const ecrToken = (...args: string[]) => runEcrToken(console(args));
  const helper = (action: string, input = '') => runDockerCredential(console([action], input));

  describe('ecr-token', () => {
    it('prints only the password, for docker login', async () => {
      expect(await ecrToken('password')).toBe(0);
      expect(printed).toMatch(/^\S+\n$/);
      expect(complaints).toEqual([]);
    });

    it('prints a Docker config for the account’s own registry, or for the hosts that are named', async () => {
      expect(await ecrToken('docker-config')).toBe(0);
      expect(Object.keys((JSON.parse(printed) as { auths: object }).auths)).toHaveLength(1);
      printed = '';
      await ecrToken('docker-config', '--host', HOST, '--host', 'mirror.example.com');
      expect(Object.keys((JSON.parse(printed) as { auths: object }).auths)).toEqual([
        HOST,
        'mirror.example.com',
      ]);
    });

    it('accepts the URL or the image reference of an ECR registry as a host', async () => {
      await ecrToken('docker-config', '--host', `https://${HOST}`, '--host', `${HOST}/team/app:1`);
      expect(Object.keys((JSON.parse(printed) as { auths: object }).auths)).toEqual([HOST]);
    });

    it.each([
      [['nonsense'], 'unknown command "nonsense"'],
      [[], 'no command'],
      [['password', 'more'], 'unexpected "more"'],
      [['password', '--nonsense'], "Unknown option '--nonsense';"],
      [['docker-config', '--host', '--region', 'x'], "Option '--host' argument is ambiguous;"],
      [['version', 'more'], 'unexpected "more"'],
      [['password', '--host', HOST], 'takes no --host'],
      [['password', '--region', 'x y'], '--region is not the name of a region'],
      [['docker-config', '--host', HOST, '--region', 'us-east-1'], 'one region only'],
      [['docker-config', '--host', ''], 'expects a host such as'],
      [['docker-config', '--host', 'not a host'], 'expects a host such as'],
      [['docker-config', '--host', 'https://mirror.example.com'], 'expects a host such as'],
      [['docker-config', '--host', 'public.ecr.aws'], 'is ECR Public'],
    ])('explains a wrong call in one line, and ends with 2: %j', async (args, words) => {
      expect(await ecrToken(...args)).toBe(2);
      expect(complaints).toEqual([expect.stringContaining(words)]);
      expect(complaints[0]).toMatch(/^ecr-token: .*; ecr-token --help lists the commands and their flags$/);
      expect(printed).toBe('');
    });

    it('ends with 2 for wrong settings, 1 for a refusal, 75 if a retry may help, and writes the remedy to standard error', async () => {
      aws.answer('GetAuthorizationToken', ecrError('AccessDeniedException', 'no'));
      expect(await ecrToken('password')).toBe(1);
      aws.answer('GetAuthorizationToken', ecrError('ThrottlingException', 'Rate exceeded'));
      expect(await ecrToken('password')).toBe(75);
      process.env['AWS_ROLE_ARN'] = 'pull';
      expect(await ecrToken('password')).toBe(2);
      expect(printed).toBe('');
      expect(complaints.filter((line) => line.startsWith('To mend it: '))).toHaveLength(3);
      expect(complaints.join()).not.toContain('secret-canary');
    });

    it('ends with 1 if the token has already expired, because a retry does not help', async () => {
      const expired = {
        authorizationToken: Buffer.from('AWS:secret-canary').toString('base64'),
        expiresAt: Date.now() / 1_000 - 3_600,
        proxyEndpoint: `https://${HOST}`,
      };
      aws.answer('GetAuthorizationToken', { body: JSON.stringify({ authorizationData: [expired] }) });
      expect(await ecrToken('password')).toBe(1);
      expect(complaints.join('\n')).toMatch(/had already expired at .*Z; here it is .*Z by/);
      expect(complaints.join()).not.toContain('secret-canary');
    });

    it('reports all wrong settings at once, one line each', async () => {
      Object.assign(process.env, { AWS_REGION: 'a b', AWS_ROLE_ARN: 'pull', AWS_ROLE_DURATION_SECONDS: '1' });
      expect(await ecrToken('password')).toBe(2);
      const told = complaints.filter((line) => line.startsWith('ecr-token: '));
      expect(told).toEqual(
        ['AWS_REGION', 'AWS_ROLE_DURATION_SECONDS', 'AWS_ROLE_ARN'].map((name) =>
          expect.stringMatching(new RegExp(`^ecr-token: ${name} .* \\[invalid-settings\\]$`)),
        ),
      );
    });

    it.each([[['--help']], [['-h']], [['password', '--region', 'x y', '--help']]])(
      'lists its commands with %j',
      async (args) => {
        expect(await ecrToken(...args)).toBe(0);
        expect(printed).toContain('docker-config');
        expect(complaints).toEqual([]);
      },
    );

    it.each(['version', '--version'])('prints its version with %s', async (word) => {
      expect(await ecrToken(word)).toBe(0);
      expect(printed).toBe(`ecr-token ${await packageVersion()}\n`);
    });
  });

  describe('the endpoint', () => {
    /** The hosts that are requested from a proxy that refuses every request. */
    const asked = async (program: () => Promise<number>) => {
      const proxy = await startConnectProxy({ refuseWith: 403 });
      environment.set({ AWS_ENDPOINT_URL: undefined, HTTPS_PROXY: `http://127.0.0.1:${proxy.port}` });
      await program();
      await proxy.stop();
      return [...new Set(proxy.tunnels)];
    };

    it.each([
      [HOST, 'api.ecr.eu-west-1.amazonaws.com:443'],
      [`${ACCOUNT}.dkr.ecr-fips.us-east-1.amazonaws.com`, 'api.ecr-fips.us-east-1.amazonaws.com:443'],
      [`${ACCOUNT}.dkr.ecr-fips.us-gov-west-1.amazonaws.com`, 'api.ecr-fips.us-gov-west-1.amazonaws.com:443'],
      [`${ACCOUNT}.dkr-ecr-fips.us-west-2.on.aws`, 'api.ecr-fips.us-west-2.amazonaws.com:443'],
    ])('for %s is %s, in both programs', async (host, endpoint) => {
      expect(await asked(() => helper('get', host))).toEqual([endpoint]);
      expect(await asked(() => ecrToken('docker-config', '--host', host))).toEqual([endpoint]);
    });

    it('for any host is the FIPS one with AWS_USE_FIPS_ENDPOINT', async () => {
      process.env['AWS_USE_FIPS_ENDPOINT'] = 'true';
      const fips = 'api.ecr-fips.eu-west-1.amazonaws.com:443';
      expect(await asked(() => helper('get', HOST))).toEqual([fips]);
      expect(await asked(() => ecrToken('password'))).toEqual([fips]);
    });

    it('of STS is not chosen by the host', async () => {
      process.env['AWS_ROLE_ARN'] = `arn:aws:iam::${ACCOUNT}:role/pull`;
      const host = `${ACCOUNT}.dkr.ecr-fips.us-east-1.amazonaws.com`;
      expect(await asked(() => helper('get', host))).toEqual(['sts.us-east-1.amazonaws.com:443']);
    });

    it('of a variable is also used for a FIPS host', async () => {
      expect(await helper('get', `${ACCOUNT}.dkr.ecr-fips.us-east-1.amazonaws.com`)).toBe(0);
      expect(aws.seen[0]?.headers.authorization).toContain('/us-east-1/ecr/');
    });
  });

  describe('docker-credential-ecr-token', () => {
    const NOT_FOUND = 'credentials not found in native keychain\n';

    it.each([HOST, `https://${HOST}`, `https://${HOST}/v2/`, `${HOST}:443`])(
      'gives Docker the credentials of %s',
      async (server) => {
        expect(await helper('get', `${server}\n`)).toBe(0);
        expect(JSON.parse(printed)).toEqual({
          ServerURL: server,
          Username: 'AWS',
          Secret: expect.any(String),
        });
        expect(complaints).toEqual([]);
      },
    );

    it('calls ECR in the region of the host', async () => {
      process.env['AWS_REGION'] = 'us-east-1';
      await helper('get', HOST);
      expect(aws.seen[0]?.headers.authorization).toContain('/eu-west-1/ecr/');
    });

    it.each([
      ['Docker Hub', 'https://index.docker.io/v1/'],
      ['ECR Public', 'public.ecr.aws'],
      ['a word', 'nonsense'],
      ['a flood', 'x'.repeat(100_000)],
    ])('prints only Docker’s own text for %s, even if the settings are wrong', async (_, server) => {
      process.env['AWS_ROLE_ARN'] = 'pull';
      expect(await helper('get', server)).toBe(1);
      expect(printed).toBe(NOT_FOUND);
      expect(complaints).toEqual([]);
      expect(aws.seen).toEqual([]);
    });

    it.each<[string, string, () => void]>([
      [
        'AWS refuses',
        '[ecr-denied]',
        () => aws.answer('GetAuthorizationToken', ecrError('AccessDeniedException', 'no')),
      ],
      [
        'AWS is busy',
        '[throttled]',
        () => aws.answer('GetAuthorizationToken', ecrError('ThrottlingException', 'Rate exceeded')),
      ],
      ['AWS is down', '[network]', () => environment.set({ AWS_ENDPOINT_URL: 'http://127.0.0.1:1' })],
      ['there are no keys', '[credentials-missing]', () => environment.set({ AWS_ACCESS_KEY_ID: undefined })],
      ['a setting is wrong', '[invalid-settings]', () => environment.set({ AWS_ROLE_ARN: 'pull' })],
    ])(
      'finds nothing for a host of ECR if %s, and writes the reason to standard error',
      async (_, code, spoil) => {
        spoil();
        expect(await helper('get', HOST)).toBe(1);
        expect(printed).toBe(NOT_FOUND);
        expect(complaints[0]).toMatch(/^docker-credential-ecr-token: \S/);
        expect(complaints[0]).toContain(code);
        expect(complaints[1]).toMatch(/^To mend it: /);
        expect(complaints.join()).not.toContain('secret-canary');
      },
    );

    it('finds nothing if it has a defect', async () => {
      const env = new Proxy({}, { get: () => { throw new Error('planted'); } }); // prettier-ignore
      await expect(runDockerCredential({ ...console(['get'], HOST), env })).rejects.toThrow('planted');
      expect(printed).toBe(NOT_FOUND);
    });

    it('lists the registry of the identity’s own account, as AWS’s helper does', async () => {
      expect(await helper('list', 'unused')).toBe(0);
      expect(JSON.parse(printed)).toEqual({ [`https://${HOST}`]: 'AWS' });
    });

    it('prints an empty list if AWS refuses, because a build must not fail', async () => {
      aws.answer('GetAuthorizationToken', ecrError('AccessDeniedException', 'no'));
      expect(await helper('list')).toBe(0);
      expect(printed).toBe('{}\n');
      expect(complaints[0]).toContain('[ecr-denied]');
    });

    it.each(['store', 'erase'])(
      'fails to %s, because it stores nothing, unless a variable lets it succeed',
      async (action) => {
        const login = JSON.stringify({ ServerURL: HOST, Username: 'y', Secret: 'secret-canary' });
        expect(await helper(action, login)).toBe(1);
        expect(printed).toContain('does not store passwords');
        expect(printed).toContain('AWS_ECR_IGNORE_CREDS_STORAGE=true');
        process.env['AWS_ECR_IGNORE_CREDS_STORAGE'] = 'true';
        printed = '';
        expect(await helper(action, login)).toBe(0);
        expect(printed).toBe('');
        expect(complaints).toEqual([expect.stringContaining(`${action} is ignored`)]);
        expect(aws.seen).toEqual([]);
      },
    );

    it.each([
      [['nonsense'], 'unknown action "nonsense"'],
      [['get', 'extra'], 'docker-credential-ecr-token get: unexpected "extra"'],
      [['--help', 'extra'], 'unexpected "extra"'],
      [[], 'Usage: docker-credential-ecr-token'],
    ])(
      'prints no credentials for a wrong call, says what is wrong, and ends with 1: %j',
      async (args, words) => {
        expect(await runDockerCredential(console(args, HOST))).toBe(1);
        expect(printed).toContain(words);
        expect(aws.seen).toEqual([]);
      },
    );

    it.each(['--help', '-h'])('prints its usage with %s', async (flag) => {
      expect(await helper(flag)).toBe(0);
      expect(printed).toMatch(/^Usage: docker-credential-ecr-token <store\|get\|erase\|list\|version>\n/);
    });

    it.each(['version', '--version', '-v'])(
      'prints its version with %s, as other helpers do',
      async (word) => {
        expect(await helper(word)).toBe(0);
        const is = await packageVersion();
        expect(printed).toBe(`docker-credential-ecr-token (@ecr-anywhere/ecr-token) ${is}\n`);
      },
    );
  });

  describe('the cache file', () => {
    beforeEach(() => {
      process.env['ECR_TOKEN_CACHE'] = join(folder, 'cache');
    });

    const file = async () => join(folder, 'cache', (await readdir(join(folder, 'cache')))[0]!);

    it('saves the next process an AWS call, and only its owner can read it', async () => {
      await ecrToken('password');
      const first = printed;
      printed = '';
      await ecrToken('password');
      expect(printed).toBe(first);
      expect(aws.operations()).toEqual(['GetAuthorizationToken']);
      expect((await stat(await file())).mode & 0o777).toBe(0o600);
      expect((await stat(join(folder, 'cache'))).mode & 0o777).toBe(0o700);
    });

    it('does not change an existing folder', async () => {
      await mkdir(join(folder, 'cache'));
      await chmod(join(folder, 'cache'), 0o1777);
      await ecrToken('password');
      expect((await stat(join(folder, 'cache'))).mode & 0o7777).toBe(0o1777);
      expect((await stat(await file())).mode & 0o777).toBe(0o600);
    });

    it.each<[string, (text: string) => Promise<unknown>]>([
      ['a file of the default profile', (text) => writeFile(process.env['AWS_CONFIG_FILE']!, text)],
      [
        'a file that is named with ~',
        (text) => {
          Object.assign(process.env, { HOME: folder, AWS_CONFIG_FILE: '~/profiles' });
          return writeFile(join(folder, 'profiles'), text);
        },
      ],
      [
        'a directory of keys',
        (text) => {
          process.env['ECR_TOKEN_KEYS_DIR'] = folder;
          const files = ['AWS_ACCESS_KEY_ID', 'AWS_SECRET_ACCESS_KEY'].map((name) => join(folder, name));
          return Promise.all(files.map((path) => writeFile(path, text)));
        },
      ],
      [
        'the role that the SDK assumes',
        async (text) => {
          const token = join(folder, 'token');
          await writeFile(token, 'jwt');
          process.env['AWS_WEB_IDENTITY_TOKEN_FILE'] = token;
          process.env['AWS_ROLE_ARN'] = `arn:aws:iam::${ACCOUNT}:role/${text.length}`;
          process.env['ECR_TOKEN_ASSUME_ROLE'] = 'sdk-default';
        },
      ],
    ])('is another one when %s changes', async (_, change) => {
      process.env['AWS_CONFIG_FILE'] = join(folder, 'config');
      await change('# one');
      await ecrToken('password');
      await ecrToken('password');
      expect(await readdir(join(folder, 'cache'))).toHaveLength(1);
      await change('# another');
      await ecrToken('password');
      expect(await readdir(join(folder, 'cache'))).toHaveLength(2);
    });

    it('differs for another identity or region, and its name contains no key', async () => {
      await ecrToken('password');
      process.env['AWS_ACCESS_KEY_ID'] = 'AKIAOTHER';
      await ecrToken('password');
      await ecrToken('password', '--region', 'eu-west-2');
      const files = await readdir(join(folder, 'cache'));
      expect(files).toHaveLength(3);
      expect(files.join() + (await readFile(await file(), 'utf8'))).not.toMatch(/AKIA|secret-canary/);
    });

    it.each<[string, (file: string) => Promise<void>]>([
      ['others may read it', (path) => chmod(path, 0o644)],
      [
        'it is not a file',
        async (path) => {
          await rename(path, `${path}.elsewhere`);
          await symlink(`${path}.elsewhere`, path);
        },
      ],
      ['it is too large', (path) => writeFile(path, 'canary"'.repeat(10_000))],
      ['it is not JSON', (path) => writeFile(path, '{"password":"canary')],
      ['it has no password', (path) => writeFile(path, '{"username":"AWS"}')],
    ])('is not used if %s, and the reason is printed', async (words, spoil) => {
      await ecrToken('password');
      await spoil(await file());
      expect(await ecrToken('password')).toBe(0);
      expect(complaints.join()).toContain(words);
      expect(complaints.join()).not.toContain('canary"');
      expect(aws.operations()).toHaveLength(2);
    });

    it('gives a token that is no longer young if AWS fails', async () => {
      await ecrToken('password');
      const stored = JSON.parse(await readFile(await file(), 'utf8')) as Record<string, string>;
      const old = {
        ...stored,
        issuedAt: new Date(Date.now() - 11 * 3_600_000).toISOString(),
        expiresAt: new Date(Date.now() + 3_600_000).toISOString(),
      };
      await writeFile(await file(), JSON.stringify(old));
      aws.answer('GetAuthorizationToken', ecrError('ThrottlingException', 'Rate exceeded'));
      printed = '';
      expect(await ecrToken('password')).toBe(0);
      expect(printed).toBe(`${stored['password']}\n`);
      expect(complaints.join()).toContain('the token in the cache still works');
    });

    it.each(['~/tokens', 'tokens', './tokens', '~'])(
      'is not used if its folder is not an absolute path, with a warning: %s',
      async (path) => {
        const before = process.cwd();
        process.chdir(folder);
        try {
          environment.set({ ECR_TOKEN_CACHE: path });
          expect(await ecrToken('password')).toBe(0);
          expect(await helper('get', HOST)).toBe(0);
        } finally {
          process.chdir(before);
        }
        const warning = expect.stringMatching(/^warning: ECR_TOKEN_CACHE is not an absolute path/);
        expect(complaints).toEqual([warning, warning]);
        expect(await readdir(folder)).toEqual([]);
        expect(aws.operations()).toHaveLength(2);
      },
    );

    it('does not make the program fail if it cannot be written', async () => {
      await writeFile(join(folder, 'cache'), 'a file where the folder should be');
      expect(await ecrToken('password')).toBe(0);
      expect(complaints.join()).toContain('could not be cached');
    });
  });
});
