import { execFile } from 'node:child_process';
import { createPublicKey, generateKeyPairSync, verify, type JsonWebKey } from 'node:crypto';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { startRealCluster, testbedPrograms, type RealCluster } from '@ecr-anywhere/local-installation';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { filesWrittenBy, policiesOf, programsOf, readPage } from '../page.ts';

const page = await readPage('docs/getting-started/web-identity.md');
const [addNew, exchange] = page.blocks
  .filter(({ language, section }) => language === '' && section === 'The API server')
  .map(({ text }) => text.trim().split('\n'));
if (!addNew || !exchange) throw new Error(`${page.path} does not say the flags of the API server`);

const written = (name: string) =>
  page.blocks.flatMap(filesWrittenBy).find((file) => file.name === name)?.content ?? '';
const discovery = JSON.parse(written('openid-configuration.json')) as { issuer: string };
const OLD = '--service-account-issuer=https://kubernetes.default.svc.cluster.local';

describe('a cluster of your own that gets the issuer of the page, on a real kube-apiserver', () => {
  let cluster: RealCluster;
  beforeAll(async () => {
    cluster = await startRealCluster([OLD]);
    // What the chart makes.
    await cluster.api.create('/api/v1/namespaces', { metadata: { name: 'ecr-anywhere' } });
    const serviceAccount = { metadata: { name: 'ecr-anywhere' } };
    await cluster.api.create('/api/v1/namespaces/ecr-anywhere/serviceaccounts', serviceAccount);
  });
  afterAll(() => cluster?.stop());

  /** Runs the commands of the page that need kubectl alone, in the folder of the cluster. */
  async function follow(section: string): Promise<void> {
    const blocks = page.blocks.filter(
      (block) => block.section === section && programsOf(block).join() === 'kubectl',
    );
    expect(blocks).toHaveLength(1);
    const env = {
      PATH: `${testbedPrograms()}:${process.env['PATH']}`,
      HOME: cluster.folder,
      KUBECONFIG: cluster.kubeconfigFile,
    };
    await promisify(execFile)('bash', ['-ec', blocks[0]?.text ?? ''], { cwd: cluster.folder, env });
  }

  /** A token for the API server, as programs in the cluster have it. */
  async function tokenOfAProgram(): Promise<string> {
    const { status, body } = await cluster.api.create(
      '/api/v1/namespaces/ecr-anywhere/serviceaccounts/ecr-anywhere/token',
      { spec: {} },
    );
    expect(status).toBe(201);
    return (body as unknown as { status: { token: string } }).status.token;
  }

  async function isAccepted(token: string): Promise<boolean> {
    const { body } = await cluster.api.create('/apis/authentication.k8s.io/v1/tokenreviews', {
      spec: { token },
    });
    return (body as unknown as { status: { authenticated?: boolean } }).status.authenticated === true;
  }

  let old: string;
  it('has an issuer at first that nobody outside can reach', async () => {
    old = await tokenOfAProgram();
    expect(claims(old)).toMatchObject({ iss: 'https://kubernetes.default.svc.cluster.local' });
  });

  it('refuses the tokens that programs have, if the issuer is replaced in one step', async () => {
    await cluster.restartApiServer([`--service-account-issuer=${discovery.issuer}`]);
    expect(await isAccepted(old)).toBe(false);
  });

  it('step 1: accepts tokens of both issuers, and makes tokens of the old one', async () => {
    const ofTheNew = await tokenOfAProgram(); // the API server has the new issuer alone, for now
    await cluster.restartApiServer(addNew);
    expect([await isAccepted(old), await isAccepted(ofTheNew)]).toEqual([true, true]);
    expect(claims(await tokenOfAProgram())).toMatchObject({ iss: claims(old)['iss'] });
  });

  it('step 2: still accepts the tokens that programs have, and makes tokens of the new issuer', async () => {
    await cluster.restartApiServer(exchange);
    expect(await isAccepted(old)).toBe(true);
    const token = await tokenOfAProgram();
    expect(claims(token)).toMatchObject({ iss: discovery.issuer });
    expect(await isAccepted(token)).toBe(true);
  });

  it('describes itself with the document that the page publishes', async () => {
    expect((await cluster.api.get('/.well-known/openid-configuration')).body).toEqual(discovery);
  });

  it('makes the token that the trust policy of the page expects, signed with a key that the page publishes', async () => {
    await follow('The two files');
    await follow('5. Install');
    const token = await readFile(join(cluster.folder, 'token'), 'utf8');

    const trust = policiesOf(page).find(({ name }) => name === 'web-identity-trust.json');
    const { Statement } = JSON.parse(trust?.text ?? '') as { Statement: [{ Condition: object }] };
    const { iss, aud, sub } = claims(token);
    const issuer = String(iss).replace('https://', '');
    expect(Statement[0].Condition).toEqual({
      StringEquals: { [`${issuer}:aud`]: (aud as string[])[0], [`${issuer}:sub`]: sub },
    });
    expect(iss).toBe(discovery.issuer);
    expect(isSigned(token, await publishedKeys())).toBe(true);
  });

  it('publishes the next signing key before it signs with it, if the flag for it is repeated', async () => {
    const { publicKey } = generateKeyPairSync('rsa', {
      modulusLength: 2048,
      publicKeyEncoding: { type: 'spki', format: 'pem' },
      privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
    });
    await writeFile(join(cluster.folder, 'next.pub'), publicKey);
    await cluster.restartApiServer([...exchange, '--service-account-key-file=next.pub']);
    await follow('The two files');
    expect(await publishedKeys()).toHaveLength(2);
  });

  async function publishedKeys(): Promise<PublishedKey[]> {
    const jwks = await readFile(join(cluster.folder, 'jwks.json'), 'utf8');
    return (JSON.parse(jwks) as { keys: PublishedKey[] }).keys;
  }
});

type PublishedKey = JsonWebKey & { kid: string };

function claims(token: string): Record<string, unknown> {
  return part(token.split('.')[1]);
}

function isSigned(token: string, keys: readonly PublishedKey[]): boolean {
  const [header = '', payload = '', signature = ''] = token.trim().split('.');
  const key = keys.find(({ kid }) => kid === part(header)['kid']);
  if (!key) return false;
  const signed = Buffer.from(`${header}.${payload}`);
  const publicKey = createPublicKey({ key, format: 'jwk' });
  return verify('sha256', signed, publicKey, Buffer.from(signature, 'base64url'));
}

function part(base64url = ''): Record<string, unknown> {
  return JSON.parse(Buffer.from(base64url, 'base64url').toString()) as Record<string, unknown>;
}
