import { certificatesFor } from '@ecr-anywhere/certificates';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { fromPlan } from './identity/from-plan.ts';
import { planIdentity } from './identity/plan.ts';
import { ecrTokenProvider, type EcrTokenOptions } from './provider.ts';
import { isolateAwsEnvironment, type AwsEnvironment } from './testing/aws-environment.ts';
import { ACCOUNT, startAwsStandIn, type AwsStandIn } from './testing/aws-stand-in.ts';
import { startConnectProxy, type ConnectProxy } from './testing/connect-proxy.ts';
import { acceptErrorsOfNode } from './testing/one-realm.ts';

acceptErrorsOfNode();

const ROLE = `arn:aws:iam::${ACCOUNT}:role/pull`;
const HOSTS = {
  ecr: 'api.ecr.eu-west-1.amazonaws.com',
  sts: 'sts.eu-west-1.amazonaws.com',
  fips: 'api.ecr-fips.us-east-1.amazonaws.com',
  dualStack: 'ecr.eu-west-1.api.aws',
  both: 'ecr-fips.us-east-1.api.aws',
  other: 'api.ecr.us-east-1.amazonaws.com',
  otherSts: 'sts.us-east-1.amazonaws.com',
} as const;

let ca: string;
let aws: AwsStandIn;
beforeAll(async () => {
  const certificates = await certificatesFor(...Object.values(HOSTS));
  ca = certificates.ca;
  aws = await startAwsStandIn(certificates.server);
});
afterAll(() => aws.stop());

let proxy: ConnectProxy;
let environment: AwsEnvironment;
beforeEach(async () => {
  proxy = await startConnectProxy({ tunnelTo: aws.port });
  environment = isolateAwsEnvironment();
  environment.set({
    AWS_ACCESS_KEY_ID: 'AKIA-KEYS',
    AWS_SECRET_ACCESS_KEY: 'planted-secret',
    AWS_ROLE_ARN: ROLE,
    AWS_CA_BUNDLE: environment.write('ca.pem', ca),
    HTTPS_PROXY: `http://127.0.0.1:${proxy.port}`,
    AWS_MAX_ATTEMPTS: '1',
  });
});
afterEach(async () => {
  environment.restore();
  await proxy.stop();
});

/** Gets a token. @returns the requested hosts */
async function asked(options: EcrTokenOptions): Promise<{ hosts: string[]; region: string }> {
  const { token } = await ecrTokenProvider({ renewAhead: false, ...options }).get();
  return { hosts: tunnels(), region: token.region };
}
const tunnels = () => proxy.tunnels.map((tunnel) => tunnel.replace(/:443$/, ''));

describe('a program that gives only the region', () => {
  it('reaches STS and ECR with the proxy and the CA bundle of the environment', async () => {
    expect(await asked({ client: { region: 'eu-west-1' } })).toEqual({
      hosts: [HOSTS.sts, HOSTS.ecr],
      region: 'eu-west-1',
    });
  });

  it('reaches them through its own proxy if it gives one', async () => {
    environment.set({ HTTPS_PROXY: 'not a proxy' });
    const client = { region: 'eu-west-1', httpsProxy: `http://127.0.0.1:${proxy.port}` };
    expect((await asked({ client })).hosts).toEqual([HOSTS.sts, HOSTS.ecr]);
  });

  it('uses no proxy if it says so', async () => {
    const credentials = async () => ({ accessKeyId: 'AKIA', secretAccessKey: 'x' });
    const client = { region: 'eu-west-1', endpoint: 'https://ecr.invalid', httpsProxy: null };
    const failure = asked({ credentials, client });
    await expect(failure).rejects.toMatchObject({
      code: 'network',
      message: expect.stringContaining('ENOTFOUND'),
    });
    expect(tunnels()).toEqual([]);
  });

  it('trusts only the default certificates if it says so', async () => {
    const failure = asked({ client: { region: 'eu-west-1', caBundle: null } });
    await expect(failure).rejects.toMatchObject({
      code: 'network',
      message: expect.stringContaining('not trusted'),
    });
  });

  it('uses the endpoints that the environment names', async () => {
    environment.set({ AWS_USE_FIPS_ENDPOINT: 'true', AWS_ROLE_ARN: undefined });
    expect((await asked({ client: { region: 'us-east-1' } })).hosts).toEqual([HOSTS.fips]);
  });
});

it('a plan without more options reaches STS as the environment says', async () => {
  environment.set({ AWS_DEFAULT_REGION: 'eu-west-1' });
  const { accessKeyId } = await fromPlan(planIdentity(process.env))();
  expect(accessKeyId).toBe('ASIA-pull');
  expect(tunnels()).toEqual([HOSTS.sts]);
});

describe('a plan that is given to a provider', () => {
  const registry = `${ACCOUNT}.dkr.ecr.us-east-1.amazonaws.com`;
  const identity = () => planIdentity(process.env);
  const inUsEast = { hosts: [HOSTS.otherSts, HOSTS.other], region: 'us-east-1' };

  it('reaches STS in the region of the registry, if no other region is named', async () => {
    expect(await asked({ registry, identity: identity() })).toEqual(inUsEast);
  });

  it('reaches STS in the region of the registry, even if the environment names another region', async () => {
    environment.set({ AWS_REGION: 'eu-west-1' });
    expect(await asked({ registry, identity: identity() })).toEqual(inUsEast);
  });

  it('reaches STS with the proxy and the CA bundle of the provider', async () => {
    const caBundle = process.env['AWS_CA_BUNDLE'];
    const httpsProxy = process.env['HTTPS_PROXY'];
    environment.set({ AWS_CA_BUNDLE: undefined, HTTPS_PROXY: undefined });
    const client = { region: 'us-east-1', caBundle, httpsProxy };
    expect(await asked({ identity: identity(), client })).toEqual(inUsEast);
  });

  it('never calls STS at the endpoint of ECR', async () => {
    const client = { region: 'us-east-1', endpoint: `https://${HOSTS.fips}` };
    const { hosts } = await asked({ identity: identity(), client });
    expect(hosts).toEqual([HOSTS.otherSts, HOSTS.fips]);
  });

  it('reaches STS with the settings of the provider, also if only one of them is given', async () => {
    const httpsProxy = process.env['HTTPS_PROXY'];
    environment.set({ HTTPS_PROXY: undefined });
    const sts = { region: 'eu-west-1', httpsProxy: undefined };
    const { hosts } = await asked({ registry, identity: identity(), sts, client: { httpsProxy } });
    expect(hosts).toEqual([HOSTS.sts, HOSTS.other]);
  });
});

describe('a provider for a registry', () => {
  it.each([
    [`${ACCOUNT}.dkr.ecr.us-east-1.amazonaws.com`, HOSTS.other, 'us-east-1'],
    [`https://${ACCOUNT}.dkr.ecr.us-east-1.amazonaws.com/team/app:1`, HOSTS.other, 'us-east-1'],
    [`${ACCOUNT}.dkr.ecr-fips.us-east-1.amazonaws.com`, HOSTS.fips, 'us-east-1'],
    [`${ACCOUNT}.dkr-ecr.eu-west-1.on.aws`, HOSTS.dualStack, 'eu-west-1'],
    [`${ACCOUNT}.dkr-ecr-fips.us-east-1.on.aws`, HOSTS.both, 'us-east-1'],
  ])('calls ECR in its region, at its kind of endpoint: %s', async (registry, host, region) => {
    environment.set({ AWS_REGION: 'ap-southeast-2' });
    const sts = region === 'us-east-1' ? HOSTS.otherSts : HOSTS.sts;
    expect(await asked({ registry })).toEqual({ hosts: [sts, host], region });
  });

  it('calls ECR at another kind of endpoint if an option says so', async () => {
    environment.set({ AWS_ROLE_ARN: undefined });
    const registry = `${ACCOUNT}.dkr.ecr-fips.us-east-1.amazonaws.com`;
    expect((await asked({ registry, client: { useFipsEndpoint: false } })).hosts).toEqual([HOSTS.other]);
  });

  it.each(['AWS_ENDPOINT_URL', 'AWS_ENDPOINT_URL_ECR'])(
    'calls ECR at the endpoint in %s, because the SDK then ignores the kind of endpoint',
    async (name) => {
      environment.set({ AWS_ROLE_ARN: undefined, [name]: `https://${HOSTS.other}` });
      const registry = `${ACCOUNT}.dkr-ecr-fips.us-east-1.on.aws`;
      expect(await asked({ registry })).toEqual({ hosts: [HOSTS.other], region: 'us-east-1' });
    },
  );

  it.each([
    ['mirror.example.com', 'mirror.example.com is not a registry of Amazon ECR'],
    ['public.ecr.aws/nginx/nginx', 'public.ecr.aws is ECR Public'],
    ['https://user:planted@example.com', 'What was given as the registry is not a registry of Amazon ECR'],
  ])('is refused immediately if no token can open the registry: %s', (registry, words) => {
    environment.set({ AWS_REGION: 'a b', AWS_ROLE_ARN: 'pull' });
    let error: unknown;
    try {
      ecrTokenProvider({ registry });
    } catch (thrown) {
      error = thrown;
    }
    expect(error).toMatchObject({ code: 'invalid-settings', message: expect.stringContaining(words) });
    expect(String(error)).not.toContain('planted');
    // Together with every other mistake.
    expect(error).toMatchObject({
      mistakes: [words, 'AWS_REGION', 'AWS_ROLE_ARN'].map((start) =>
        expect.objectContaining({ message: expect.stringContaining(start) }),
      ),
    });
  });
});
