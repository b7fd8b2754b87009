import { mkdir, mkdtemp, rename, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startAwsEmulator, type AwsEmulator } from '@ecr-anywhere/aws-emulator';
import { eventually, install, type Cluster, type Installation } from '@ecr-anywhere/local-installation';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { MANAGED, stageOn, startCluster, type Stage } from './stage.ts';

const role = (account: string, name: string) => `arn:aws:iam::${account}:role/${name}`;
const HUB = role('999999999999', 'hub');
const GUARDED = role('111111111111', 'guarded');
const BY_TOKEN = role('222222222222', 'by-token');
const DENIED = role('333333333333', 'denied');
const EXTERNAL_ID = 'customer-7';

describe('the identity of a profile', () => {
  let folder: string;
  let aws: AwsEmulator;
  let cluster: Cluster;
  let installation: Installation;
  let stage: Stage;

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'profile-identities-'));
    aws = await startAwsEmulator({
      roles: { [GUARDED]: { externalId: EXTERNAL_ID }, [DENIED]: { denied: true } },
    });
    cluster = await startCluster();
    stage = await stageOn(cluster);
    await mountKeys('..one', 'a wrong secret');
    await symlink('..data/team-keys', join(folder, 'team-keys'));
    const part = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url');
    const token = `${part({ alg: 'none' })}.${part({ sub: 'x', aud: 'of-team', exp: 4_102_444_800 })}.c2ln`;
    await writeFile(join(folder, 'token'), token);
    await writeFile(join(folder, 'profiles.yaml'), profiles());
    installation = await install(cluster, { aws, env: { PROFILES_FILE: join(folder, 'profiles.yaml') } });
  });

  afterAll(async () => {
    await installation?.uninstall();
    await cluster?.stop();
    await aws?.stop();
    await rm(folder, { recursive: true });
  }, 30_000);

  const profiles = () => `
profiles:
  - { name: dead, namespaces: ['*'], region: us-east-1, identity: { roles: [{ arn: '${DENIED}' }] } }
  - name: chain
    namespaces: ['*']
    region: us-east-1
    identity:
      roles:
        - { arn: '${HUB}', duration: 2h }
        - { arn: '${GUARDED}', externalId: ${EXTERNAL_ID}, sessionName: team-chain, duration: 15m }
  - name: without-external-id
    namespaces: ['*']
    region: us-east-1
    identity: { roles: [{ arn: '${GUARDED}' }] }
  - name: token
    namespaces: ['*']
    region: us-east-1
    identity: { webIdentityTokenFile: '${join(folder, 'token')}', roles: [{ arn: '${BY_TOKEN}' }] }
  - name: keys
    namespaces: ['*']
    region: us-east-1
    identity: { keysDirectory: '${join(folder, 'team-keys')}' }
`;

  /** Replaces the keys as the kubelet does, in a volume with a folder for each Secret. */
  async function mountKeys(version: string, secret: string): Promise<void> {
    const target = join(folder, version, 'team-keys');
    await mkdir(target, { recursive: true });
    await writeFile(join(target, 'AWS_ACCESS_KEY_ID'), aws.accessKeys.accessKeyId);
    await writeFile(join(target, 'AWS_SECRET_ACCESS_KEY'), secret);
    await symlink(version, join(folder, '..data_tmp'));
    await rename(join(folder, '..data_tmp'), join(folder, '..data'));
  }

  const write = (profile: string) =>
    stage.write({
      metadata: {
        name: `${profile}-${Math.random().toString(36).slice(2)}`,
        labels: MANAGED,
        annotations: { 'ecr-anywhere.centml.ai/profile': profile },
      },
      type: 'kubernetes.io/dockerconfigjson',
      data: { '.dockerconfigjson': 'FAKE' },
    });
  const callsFor = (roleArn: string) =>
    aws
      .log()
      .filter((call) => call.roleArn === roleArn && call.error === undefined)
      .map(({ operation, sessionName, externalId }) => ({ operation, sessionName, externalId }));
  const tokensOf = (caller: string) =>
    aws
      .log()
      .filter(
        ({ operation, callerArn = '' }) =>
          operation === 'GetAuthorizationToken' && callerArn.includes(caller),
      ).length;

  it('may be a chain of roles, with external ID, session name and duration', async () => {
    expect((await write('chain')).status).toBe(201);
    expect(callsFor(HUB)).toEqual([{ operation: 'AssumeRole', sessionName: 'ecr-anywhere' }]);
    expect(callsFor(GUARDED)).toEqual([
      { operation: 'AssumeRole', sessionName: 'team-chain', externalId: EXTERNAL_ID },
    ]);
    expect(tokensOf('assumed-role/guarded/team-chain')).toBe(1);
  });

  it('may be a role for a web identity token of its own', async () => {
    expect((await write('token')).status).toBe(201);
    expect(callsFor(BY_TOKEN)).toEqual([
      { operation: 'AssumeRoleWithWebIdentity', sessionName: 'ecr-anywhere' },
    ]);
    expect(tokensOf('assumed-role/by-token/')).toBe(1);
  });

  it('that is dead refuses only its own Secrets, and names the role', async () => {
    for (const [profile, arn] of [
      ['dead', DENIED],
      ['without-external-id', GUARDED],
    ] as const) {
      const { status, body } = await write(profile);
      expect(status).toBe(403);
      expect(body.message).toContain(`The role ${arn} may not be assumed by`);
    }
    expect((await write('chain')).status).toBe(201);
  });

  it('may be keys in a mounted Secret, and is the one of new keys without a restart', async () => {
    const { status, body } = await write('keys');
    expect(status).toBe(403);
    expect(body.message).toContain('does not accept the credentials');
    expect(body.message).not.toContain('a wrong secret');
    await mountKeys('..two', aws.accessKeys.secretAccessKey);
    await eventually('the new keys are used', async () => (await write('keys')).status === 201, {
      within: 90_000,
    });
    expect(installation.replicas[0]?.program.running).toBe(true);
  }, 120_000);
});
