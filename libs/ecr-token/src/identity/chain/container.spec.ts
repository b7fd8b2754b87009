import { certificatesFor } from '@ecr-anywhere/certificates';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { once } from 'node:events';
import { createServer, type AddressInfo } from 'node:net';
import { StatusError } from '../../errors/status-error.ts';
import { toEcrTokenError } from '../../errors/to-ecr-token-error.ts';
import { isolateAwsEnvironment, type AwsEnvironment } from '../../testing/aws-environment.ts';
import {
  metadataCredentials,
  startAwsStandIn,
  type Answer,
  type AwsStandIn,
} from '../../testing/aws-stand-in.ts';
import { failureToFind, find } from '../../testing/chain.ts';
import { containerEndpoint } from './container-endpoint.ts';

let aws: AwsStandIn;
let environment: AwsEnvironment;
beforeEach(async () => {
  aws = await startAwsStandIn();
  environment = isolateAwsEnvironment();
  environment.set({ AWS_CONTAINER_CREDENTIALS_FULL_URI: `${aws.url}/role` });
});
afterEach(async () => {
  environment.restore();
  await aws.stop();
});

const GOOD: Answer = { body: metadataCredentials('ASIA-CONTAINER') };
const answers = (...list: Answer[]) => aws.answer('GET /role', ...list);

describe('the agent of a container', () => {
  it('is named with its address if it is down, and the error is transient', async () => {
    await aws.stop();
    const error = await failureToFind();
    expect(error).toMatchObject({ code: 'network', transient: true });
    expect(error.message).toBe(
      `The container metadata endpoint at localhost:${aws.port} could not be reached (ECONNREFUSED)`,
    );
  });

  it('is asked again after a failure', async () => {
    answers({ status: 500, body: '' }, GOOD);
    expect((await find()).credentials.accessKeyId).toBe('ASIA-CONTAINER');
  });

  it.each([
    ['500', { status: 500, body: '' }, 'service', true, 'failed (HTTP 500)'],
    ['429', { status: 429, body: '' }, 'throttled', true, 'asks to slow down'],
    [
      '404',
      { status: 404, body: '' },
      'credentials-missing',
      false,
      'has no credentials for this workload (HTTP 404)',
    ],
    [
      '403',
      { status: 403, body: 'planted' },
      'credentials-missing',
      false,
      'refuses to give credentials (HTTP 403)',
    ],
    [
      'a login page',
      { body: '<html>planted' },
      'bad-response',
      true,
      'something that is not credentials (HTTP 200)',
    ],
    [
      'credentials cut short',
      { body: metadataCredentials('planted').slice(0, 80) },
      'bad-response',
      true,
      'HTTP 200',
    ],
    [
      'no end',
      { body: '{"AccessKeyId":"A","SecretAccessKey":"planted","Token":"t"}' },
      'bad-response',
      true,
      '200',
    ],
    ['a megabyte', { body: ' '.repeat(1_000_000) }, 'bad-response', true, 'HTTP 200'],
  ] as const)('that answers %s', async (_, answer, code, transient, words) => {
    answers(answer);
    const error = await failureToFind();
    expect(error).toMatchObject({ code, transient, message: expect.stringContaining(words) });
    expect(`${error.stack} ${JSON.stringify(error)}`).not.toContain('planted');
    expect(aws.seen).toHaveLength(transient ? 3 : 1);
  });

  it('causes a timeout if it never answers', async () => {
    const silent = createServer().listen(0, '127.0.0.1');
    await once(silent, 'listening');
    const { port } = silent.address() as AddressInfo;
    environment.set({ AWS_CONTAINER_CREDENTIALS_FULL_URI: `http://127.0.0.1:${port}/role` });
    const error = await failureToFind(500);
    silent.close();
    expect(error).toMatchObject({ code: 'timeout', transient: true });
    expect(error.message).toContain('did not answer in time');
  });

  it('is not trusted with a certificate of an unknown authority', async () => {
    const { server } = await certificatesFor('localhost');
    const secure = await startAwsStandIn(server);
    environment.set({ AWS_CONTAINER_CREDENTIALS_FULL_URI: `${secure.url}/role` });
    const error = await failureToFind();
    await secure.stop();
    expect(error).toMatchObject({ code: 'network', transient: false });
    expect(error.remedy).toContain('NODE_EXTRA_CA_CERTS');
  });
});

describe('the token of a container', () => {
  const shown = () => aws.seen[0]?.headers.authorization;

  it('comes from its file rather than from the variable, without a line end', async () => {
    answers(GOOD);
    environment.set({
      AWS_CONTAINER_AUTHORIZATION_TOKEN: 'from the variable',
      AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE: environment.write('token', 'from the file\n'),
    });
    await find();
    expect(shown()).toBe('from the file');
  });

  it('comes from the variable', async () => {
    answers(GOOD);
    environment.set({ AWS_CONTAINER_AUTHORIZATION_TOKEN: 'from the variable' });
    await find();
    expect(shown()).toBe('from the variable');
  });

  it.each([
    ['is not there', () => '/no/such/token', 'cannot be read (ENOENT)'],
    ['is empty', () => environment.write('token', '\n'), 'is empty'],
    ['is a pipe', () => environment.pipe('token'), 'is not a regular file'],
    ['is too large', () => environment.write('token', 'x'.repeat(2_000_000)), 'is larger than 1 MiB'],
    ['holds two lines', () => environment.write('token', 'planted\r\nX-Other: 1'), 'holds a line break'],
  ])('is refused if its file %s, and the error names the variable', async (_, file, words) => {
    environment.set({ AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE: file() });
    const error = await failureToFind();
    expect(error).toMatchObject({ code: 'credentials-missing' });
    expect(error.message).toContain('AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE');
    expect(error.message).toContain(words);
    expect(error.message).not.toContain('planted');
    expect(aws.seen).toEqual([]);
  });
});

describe('the address of a container', () => {
  const FULL = 'AWS_CONTAINER_CREDENTIALS_FULL_URI';

  it.each<[Record<string, string>, string, string]>([
    [
      { [FULL]: 'http://169.254.170.23/v1/credentials' },
      'The EKS Pod Identity agent at 169.254.170.23',
      'knows no association for this pod',
    ],
    [
      { [FULL]: 'http://[fd00:ec2::23]/v1/credentials' },
      'The EKS Pod Identity agent at [fd00:ec2::23]',
      'knows no association for this pod',
    ],
    [
      { AWS_CONTAINER_CREDENTIALS_RELATIVE_URI: '/v2/credentials/planted', [FULL]: 'http://localhost/x' },
      'The ECS agent at 169.254.170.2',
      'has no role for this task',
    ],
    [
      { [FULL]: 'https://vault.example.com:8443/planted' },
      'The container metadata endpoint at vault.example.com:8443',
      'has no credentials for this workload',
    ],
  ])('%j is shown in the error as the address of its service', (env, party, unknown) => {
    const service = containerEndpoint(env)?.service;
    expect(service?.party).toBe(party);
    const error = toEcrTokenError(new StatusError(404), { service: service!, operation: 'x' });
    expect(error).toMatchObject({ code: 'credentials-missing', message: `${party} ${unknown} (HTTP 404)` });
  });

  it.each(['http://127.0.0.1/', 'http://127.1.2.3:80/', 'http://[::1]/', 'http://localhost:1234/x'])(
    '%s is on this machine, so plain HTTP is safe',
    (url) => expect(containerEndpoint({ [FULL]: url })?.url.href).toContain(new URL(url).host),
  );

  it.each([
    ['http://169.254.169.254/latest', 'names 169.254.169.254, from which credentials are not taken'],
    ['http://127.0.0.1.example.com/', 'names 127.0.0.1.example.com, from which'],
    ['http://user:planted@example.com/planted', 'names example.com, from which'],
    ['file:///planted', 'names a host, from which'],
    ['planted', 'AWS_CONTAINER_CREDENTIALS_FULL_URI is not a URL'],
  ])('%s is refused', async (url, words) => {
    environment.set({ [FULL]: url });
    const error = await failureToFind();
    expect(error).toMatchObject({ code: 'credentials-missing', message: expect.stringContaining(words) });
    expect(error.message).not.toContain('planted');
  });

  it('cannot name another host if it does not begin with a slash', async () => {
    environment.set({ AWS_CONTAINER_CREDENTIALS_RELATIVE_URI: '@example.com/' });
    expect((await failureToFind()).message).toContain('names example.com, from which');
  });
});
