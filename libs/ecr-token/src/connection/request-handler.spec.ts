import { certificatesFor, createCertificateAuthority, type Certificate } from '@ecr-anywhere/certificates';
import { afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { createServer, type Server } from 'node:net';
import { createServer as createTlsServer } from 'node:tls';
import type { AddressInfo } from 'node:net';
import { inspect } from 'node:util';
import { ECRClient, GetAuthorizationTokenCommand } from '@aws-sdk/client-ecr';
import type { EcrTokenError } from '../errors/error.ts';
import { ECR } from '../services/ecr.ts';
import { observed } from '../services/observed-call.ts';
import { isolateAwsEnvironment, type AwsEnvironment } from '../testing/aws-environment.ts';
import { startAwsStandIn, type AwsStandIn } from '../testing/aws-stand-in.ts';
import { startConnectProxy, type Conduct, type ConnectProxy } from '../testing/connect-proxy.ts';
import { eventually } from '@ecr-anywhere/eventually';
import { startSlowServer, withTwoAddresses } from '../../../../tools/stand-ins/slow-address.mjs';
import { acceptErrorsOfNode } from '../testing/one-realm.ts';
import { sdkClientConfig } from './client-config.ts';
import type { AwsClientOptions } from './client-options.ts';

acceptErrorsOfNode();

const HOST = 'api.ecr.us-east-1.amazonaws.com';

let certificates: { ca: string; server: Certificate };
let aws: AwsStandIn;
let environment: AwsEnvironment;
let caBundle: string;
let proxy: ConnectProxy | undefined;

beforeAll(async () => {
  certificates = await certificatesFor(HOST, 'localhost');
});
beforeEach(async () => {
  environment = isolateAwsEnvironment();
  caBundle = environment.write('ca.pem', `# corporate\n${certificates.ca}`);
  aws = await startAwsStandIn(certificates.server);
});
afterEach(async () => {
  await proxy?.stop();
  proxy = undefined;
  await aws.stop();
  environment.restore();
});

/** Makes a real client's call. Resolves with the error, or undefined. */
async function failureOf(options: AwsClientOptions): Promise<EcrTokenError | undefined> {
  const context = { service: ECR, operation: 'GetAuthorizationToken', region: 'us-east-1' };
  return observed(context, undefined, async () => {
    const client = new ECRClient({
      ...sdkClientConfig({ region: 'us-east-1', maxAttempts: 1, ...options }, process.env),
      credentials: { accessKeyId: 'AKIA', secretAccessKey: 'x' },
    });
    try {
      await client.send(new GetAuthorizationTokenCommand({}));
    } finally {
      client.destroy();
    }
  }).then(
    () => undefined,
    (error: EcrTokenError) => error,
  );
}

async function proxyThat(conduct: Conduct): Promise<{ url: string; proxy: ConnectProxy }> {
  proxy = await startConnectProxy(conduct);
  return { url: `http://user:planted%2Dsecret@127.0.0.1:${proxy.port}`, proxy };
}

describe('AWS_CA_BUNDLE', () => {
  it('is trusted for AWS itself', async () => {
    expect(await failureOf({ endpoint: aws.url, caBundle })).toBeUndefined();
    expect(aws.operations()).toEqual(['GetAuthorizationToken']);
  });

  it('is named if a certificate is not trusted, and the error is not transient', async () => {
    const error = await failureOf({ endpoint: aws.url });
    expect(error).toMatchObject({ code: 'network', transient: false });
    expect(error?.message).toContain('a certificate of an authority that is not trusted');
    expect(error?.remedy).toContain('AWS_CA_BUNDLE');
  });

  it('replaces the default roots: an authority that is not in it is not trusted', async () => {
    const { ca } = await certificatesFor('localhost');
    const error = await failureOf({ endpoint: aws.url, caBundle: environment.write('other.pem', ca) });
    expect(error).toMatchObject({ code: 'network' });
  });

  it('is not blamed if the certificate is for another host', async () => {
    const error = await failureOf({ endpoint: `https://127.0.0.1:${aws.port}`, caBundle });
    expect(error).toMatchObject({ code: 'network', transient: false });
    expect(error?.message).toContain('shows a certificate for another name (ERR_TLS_CERT_ALTNAME_INVALID)');
    expect(error?.remedy).not.toContain('AWS_CA_BUNDLE');
  });

  it('is not blamed if the certificate has expired', async () => {
    const { cert: ca, issue } = await createCertificateAuthority('test');
    const server = await issue({ lifetime: -60_000 });
    const old = await startAwsStandIn(server);
    const error = await failureOf({ endpoint: old.url, caBundle: environment.write('old.pem', ca) });
    await old.stop();
    expect(error).toMatchObject({ code: 'network', transient: false });
    expect(error?.message).toContain("not valid at the time of this machine's clock (CERT_HAS_EXPIRED)");
  });

  it('is not blamed if the endpoint uses plain HTTP', async () => {
    const plain = await startAwsStandIn();
    const error = await failureOf({ endpoint: plain.url.replace('http:', 'https:'), caBundle });
    await plain.stop();
    expect(error).toMatchObject({ code: 'network', transient: false });
    expect(error?.message).toMatch(/^ECR in us-east-1 was reached, but the TLS handshake failed/);
  });

  it.each([
    ['is not there', () => '/no/such/file', 'ENOENT'],
    ['is a folder', () => environment.home, 'it is a folder'],
    ['is a pipe', () => environment.pipe('pipe.pem'), 'it is not a regular file'],
    ['holds none', () => environment.write('empty.pem', 'hello'), 'holds no PEM certificate'],
    [
      'holds a broken one',
      () => environment.write('bad.pem', `${certificates.ca}\n${certificates.ca.replace(/\n.{30}/, '\n')}`),
      'its certificate 2 cannot be read',
    ],
  ])('that %s is refused with its name, and not handled as empty', async (_, file, why) => {
    const path = file();
    const error = await failureOf({ endpoint: aws.url, caBundle: path });
    expect(error).toMatchObject({ code: 'invalid-settings' });
    expect(error?.message).toContain(path);
    expect(error?.message).toContain(why);
  });
});

describe('HTTPS_PROXY', () => {
  it('is used with its credentials, and AWS behind it is verified with the CA bundle', async () => {
    const { url, proxy } = await proxyThat({ tunnelTo: aws.port });
    expect(await failureOf({ httpsProxy: url, caBundle })).toBeUndefined();
    expect(proxy.tunnels).toEqual([`${HOST}:443`]);
    expect(proxy.authorization()).toBe(`Basic ${Buffer.from('user:planted-secret').toString('base64')}`);
  });

  it('is not trusted for AWS without the CA bundle', async () => {
    const { url } = await proxyThat({ tunnelTo: aws.port });
    expect(await failureOf({ httpsProxy: url })).toMatchObject({
      code: 'network',
      remedy: expect.stringContaining('AWS_CA_BUNDLE'),
    });
  });

  it('is not used for the hosts in NO_PROXY', async () => {
    const { url, proxy } = await proxyThat({ tunnelTo: aws.port });
    const endpoint = 'https://ecr.example.invalid'; // a name that never resolves, so that nothing leaves this machine
    const error = await failureOf({ endpoint, httpsProxy: url, caBundle, noProxy: 'example.invalid' });
    expect(error?.message).toMatch(/does not resolve|could not be reached/);
    expect(proxy.tunnels).toEqual([]);
  });

  it('is not used for loopback, or for an emulator that uses plain HTTP', async () => {
    const { url, proxy } = await proxyThat({ refuseWith: 500 });
    expect(await failureOf({ endpoint: aws.url, httpsProxy: url, caBundle })).toBeUndefined();
    const emulator = await startAwsStandIn();
    expect(await failureOf({ endpoint: emulator.url, httpsProxy: url })).toBeUndefined();
    await emulator.stop();
    expect(proxy.tunnels).toEqual([]);
  });

  it.each([
    [407, false, 'asks for a user name and a password'],
    [403, false, 'refuses to connect to ECR in us-east-1 (HTTP 403)'],
    [502, true, 'could not connect to ECR in us-east-1 (HTTP 502)'],
  ])(
    'that answers %d is blamed, not AWS, and its password is not shown',
    async (status, transient, words) => {
      const { url, proxy } = await proxyThat({ refuseWith: status });
      const error = await failureOf({ httpsProxy: url, caBundle });
      expect(error).toMatchObject({ code: 'network', transient });
      expect(error?.message).toContain(`The proxy 127.0.0.1:${proxy.port} ${words}`);
      expect(error?.message).not.toContain('EPROXY');
      expect(error?.remedy).toContain('HTTPS_PROXY');
      expect(inspect(error, { depth: Infinity, showHidden: true })).not.toMatch(/planted|blocked/);
    },
  );

  it('that cannot be reached is named without its password', async () => {
    const error = await failureOf({ httpsProxy: 'http://user:planted@127.0.0.1:1', caBundle });
    expect(error).toMatchObject({
      code: 'network',
      transient: true,
      message: 'The proxy 127.0.0.1:1 could not be reached (ECONNREFUSED)',
    });
    expect(inspect(error, { depth: Infinity, showHidden: true })).not.toContain('planted');
  });

  it('is blamed if its name does not resolve, and the region is not', async () => {
    const httpsProxy = 'http://proxy.invalid:3128'; // a name that never resolves
    const error = await failureOf({ httpsProxy, caBundle, region: 'us-esat-1' });
    expect(error).toMatchObject({ code: 'network', transient: true });
    expect(error?.message).toMatch(/^The proxy proxy\.invalid:3128 could not be reached \(E\w+\)$/);
  });

  it('that closes the connection without an answer is reported with this reason', async () => {
    const server = createServer((socket) => socket.once('data', () => socket.end()));
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const { port } = server.address() as AddressInfo;
    const error = await failureOf({ httpsProxy: `http://127.0.0.1:${port}`, caBundle });
    await new Promise((resolve) => server.close(resolve));
    expect(error).toMatchObject({ code: 'network', transient: true });
    expect(error?.message).toBe(`The proxy 127.0.0.1:${port} ended the connection without an answer`);
  });

  it('that uses plain HTTP, but is configured with https://, is reported with this reason', async () => {
    const { proxy } = await proxyThat('silent');
    const error = await failureOf({ httpsProxy: `https://127.0.0.1:${proxy.port}`, caBundle });
    expect(error).toMatchObject({ code: 'network', transient: false });
    expect(error?.message).toContain(
      `The proxy 127.0.0.1:${proxy.port} was reached, but the TLS handshake failed`,
    );
    expect(error?.remedy).toContain('may not speak TLS');
  });

  it('is blamed if its own certificate is not trusted', async () => {
    const secure = createTlsServer((await certificatesFor('localhost')).server);
    await new Promise<void>((resolve) => secure.listen(0, '127.0.0.1', resolve));
    const { port } = secure.address() as AddressInfo;
    const error = await failureOf({ httpsProxy: `https://localhost:${port}`, caBundle });
    await new Promise((resolve) => secure.close(resolve));
    expect(error).toMatchObject({ code: 'network', transient: false });
    expect(error?.message).toContain(`The proxy localhost:${port} shows a certificate of an authority`);
  });

  describe('with an endpoint that is given as an IP address', () => {
    const ADDRESS = '192.0.2.1'; // no machine has this address; only the proxy can answer

    async function behindProxy(address: string, ...names: string[]): Promise<EcrTokenError | undefined> {
      const { ca, server } = await certificatesFor(...names);
      const behind = await startAwsStandIn(server);
      const { url } = await proxyThat({ tunnelTo: behind.port });
      const bundle = environment.write('behind.pem', ca);
      const error = await failureOf({ endpoint: `https://${address}`, httpsProxy: url, caBundle: bundle });
      await behind.stop();
      return error;
    }

    it.each([
      ['localhost', ['localhost']],
      ['the proxy', ['127.0.0.1']],
      ['another address', ['192.0.2.2']],
    ])('does not accept a certificate for %s', async (_, names) => {
      const error = await behindProxy(ADDRESS, ...names);
      expect(error).toMatchObject({ code: 'network', transient: false });
      expect(error?.message).toContain('ERR_TLS_CERT_ALTNAME_INVALID');
    });

    it.each([
      [ADDRESS, ADDRESS],
      ['[2001:db8::1]', '2001:db8::1'],
    ])('accepts a certificate for %s', async (address, name) => {
      expect(await behindProxy(address, name)).toBeUndefined();
    });
  });

  it('that accepts the connection and never answers causes a timeout, and the connection is closed', async () => {
    const { url, proxy } = await proxyThat('silent');
    const error = await failureOf({ httpsProxy: url, caBundle, connectTimeout: 200 });
    expect(error).toMatchObject({ code: 'timeout' });
    expect(error?.message).toContain(`The proxy 127.0.0.1:${proxy.port}`);
    await eventually('the connection is closed', () => proxy.connections() === 0);
  });
});

describe('a deadline', () => {
  /** Accepts connections and answers each with only these bytes. */
  async function stalling(bytes: string): Promise<{ server: Server; endpoint: string }> {
    const server = createServer((socket) => {
      socket.on('error', () => socket.destroy());
      if (bytes !== '') socket.write(bytes);
      server.once('close-all', () => socket.destroy());
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    return { server, endpoint: `http://127.0.0.1:${(server.address() as AddressInfo).port}` };
  }

  it.each([
    ['never answers', ''],
    ['stops in the middle of its answer', 'HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n{"auth'],
  ])('ends the wait for a server that %s', async (_, bytes) => {
    const { server, endpoint } = await stalling(bytes);
    const error = await failureOf({ endpoint, requestTimeout: 100 });
    server.emit('close-all');
    await new Promise((resolve) => server.close(resolve));
    expect(error).toMatchObject({ code: 'timeout', transient: true });
  });
});

describe('a name with a slow address and a last address without a server', () => {
  it.each([
    ['AWS itself', async () => aws.port, (port: number) => ({ endpoint: `https://localhost:${port}` })],
    [
      'an HTTPS proxy',
      async () => (await proxyThat({ tunnelTo: aws.port })).proxy.port,
      (port: number) => ({ httpsProxy: `http://slow.test:${port}` }),
    ],
  ])('is still reached: the name of %s', async (_, leadsTo, options) => {
    const slow = await startSlowServer(await leadsTo());
    setTimeout(() => slow.wake(), 500);
    const error = await withTwoAddresses(() => failureOf({ ...options(slow.port), caBundle })).finally(() =>
      slow.stop(),
    );
    expect(error).toBeUndefined();
  });
});
