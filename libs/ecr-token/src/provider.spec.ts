import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { planIdentity } from './identity/plan.ts';
import { ecrTokenProvider, type EcrTokenEvent, type EcrTokenOptions } from './provider.ts';
import { isolateAwsEnvironment, type AwsEnvironment } from './testing/aws-environment.ts';
import { ACCOUNT, ecrError, startAwsStandIn, type AwsStandIn } from './testing/aws-stand-in.ts';
import { EcrToken } from './token/token.ts';

/** The Date header has full seconds, and a test takes its time on a busy machine. A wrong clock is off by an hour. */
const MINUTE = 60_000;

const ROLE = `arn:aws:iam::${ACCOUNT}:role/pull`;

describe('the events of a provider', () => {
  let aws: AwsStandIn;
  let environment: AwsEnvironment;
  let events: EcrTokenEvent[];

  beforeEach(async () => {
    aws = await startAwsStandIn();
    environment = isolateAwsEnvironment();
    environment.set({
      AWS_REGION: 'eu-west-1',
      AWS_ENDPOINT_URL: aws.url,
      AWS_ACCESS_KEY_ID: 'AKIA-KEYS',
      AWS_SECRET_ACCESS_KEY: 'planted-secret',
      AWS_MAX_ATTEMPTS: '1',
    });
    events = [];
  });
  afterEach(async () => {
    environment.restore();
    await aws.stop();
  });

  const provider = (options: EcrTokenOptions = {}) => {
    const own = events; // a call that outlives its test must not report to the next test
    return ecrTokenProvider({ renewAhead: false, onEvent: (event) => own.push(event), ...options });
  };
  const of = <T extends EcrTokenEvent['type']>(type: T) =>
    events.filter((event): event is Extract<EcrTokenEvent, { type: T }> => event.type === type);

  it('identity: comes once, before the first call to AWS, with the warnings', async () => {
    environment.set({ AWS_WEB_IDENTITY_TOKEN_FILE: '/token' });
    const tokens = provider();
    expect(events).toEqual([
      {
        type: 'identity',
        description: 'the keys in AWS_ACCESS_KEY_ID',
        warnings: [expect.stringContaining('AWS_WEB_IDENTITY_TOKEN_FILE')],
      },
    ]);
    expect(aws.seen).toEqual([]);
    await tokens.get();
    await tokens.get({ forceRefresh: true });
    expect(of('identity')).toHaveLength(1);
  });

  it('identity-obtained: comes once, with the source and the roles', async () => {
    environment.set({ AWS_ROLE_ARN: ROLE });
    const tokens = provider();
    expect(of('identity-obtained')).toEqual([]);
    await tokens.get();
    await tokens.get({ forceRefresh: true });
    expect(of('identity-obtained')).toEqual([
      {
        type: 'identity-obtained',
        source: 'the keys in AWS_ACCESS_KEY_ID',
        roles: [{ roleArn: ROLE, outcome: 'assumed' }],
      },
    ]);
  });

  it('do not include the identity if credentials are given', async () => {
    await provider({ credentials: async () => ({ accessKeyId: 'AKIA', secretAccessKey: 'x' }) }).get();
    expect(events.map(({ type }) => type)).toEqual(['call', 'renewed']);
  });

  it('are the same if a plan is given', async () => {
    environment.set({ AWS_ROLE_ARN: ROLE });
    await provider().get();
    const own = events.splice(0);
    await provider({ identity: planIdentity(process.env) }).get();
    const untimed = (told: EcrTokenEvent[]) =>
      told.map((event) => (event.type === 'call' ? { ...event, milliseconds: 0 } : event));
    expect(untimed(events).slice(0, -1)).toEqual(untimed(own).slice(0, -1)); // all except the tokens
    expect(events.map(({ type }) => type)).toEqual([
      'identity',
      'call',
      'identity-obtained',
      'call',
      'renewed',
    ]);
  });

  it('come from two identities in one process', async () => {
    environment.set({ AWS_ACCESS_KEY_ID: undefined, AWS_SECRET_ACCESS_KEY: undefined });
    const keys = (id: string) => ({ AWS_ACCESS_KEY_ID: id, AWS_SECRET_ACCESS_KEY: 'x', AWS_REGION: id });
    await provider({ env: keys('eu-west-1') }).get();
    await provider({ env: keys('us-east-1') }).get();
    const signers = aws.seen.map(({ headers }) =>
      /Credential=([^/]*)\/\d+\/([^/]*)/.exec(headers.authorization ?? '')?.slice(1),
    );
    expect(signers).toEqual([
      ['eu-west-1', 'eu-west-1'],
      ['us-east-1', 'us-east-1'],
    ]);
  });

  it('call: comes for each call to STS and ECR, with its outcome', async () => {
    environment.set({ AWS_ROLE_ARN: ROLE });
    aws.answer('GetAuthorizationToken', ecrError('AccessDeniedException', 'no'));
    await provider()
      .get()
      .catch(() => undefined);
    const milliseconds = expect.any(Number);
    expect(of('call')).toEqual([
      { type: 'call', service: 'sts', operation: 'AssumeRole', outcome: 'ok', milliseconds },
      {
        type: 'call',
        service: 'ecr',
        operation: 'GetAuthorizationToken',
        outcome: 'ecr-denied',
        milliseconds,
      },
    ]);
  });

  it('renewed: has the token, and does not come for a token that is reused', async () => {
    const tokens = provider();
    const { token } = await tokens.get();
    await tokens.get();
    expect(of('renewed')).toEqual([{ type: 'renewed', token: expect.any(EcrToken) }]);
    expect(of('renewed')[0]?.token).toBe(token);
  });

  it('renewal-failed: has the error, and also comes if the cached token is used', async () => {
    const tokens = provider();
    await tokens.get();
    aws.answer('GetAuthorizationToken', ecrError('ThrottlingException', 'Rate exceeded'));
    expect((await tokens.get({ forceRefresh: true })).stale).toBeDefined();
    expect(of('renewal-failed')).toEqual([
      { type: 'renewal-failed', error: expect.objectContaining({ code: 'throttled' }) },
    ]);
  });

  it('clock-off: comes once, with the offset', async () => {
    const hour = 3_600_000;
    const date = new Date(Date.now() + hour).toUTCString();
    const data = {
      authorizationToken: Buffer.from('AWS:password').toString('base64'),
      expiresAt: (Date.now() + 13 * hour) / 1_000,
      proxyEndpoint: `https://${ACCOUNT}.dkr.ecr.eu-west-1.amazonaws.com`,
    };
    aws.answer('GetAuthorizationToken', {
      headers: { date },
      body: JSON.stringify({ authorizationData: [data] }),
    });
    const tokens = provider();
    await tokens.get();
    await tokens.get({ forceRefresh: true });
    expect(of('clock-off')).toHaveLength(1);
    expect(Math.abs(of('clock-off')[0]!.offset - hour)).toBeLessThan(MINUTE);
  });

  it('clock-off: comes for a refusal as well, and now() follows it', async () => {
    const hour = 3_600_000;
    const refusal = ecrError('AccessDeniedException', 'no');
    const date = new Date(Date.now() + 2 * hour).toUTCString();
    aws.answer('GetAuthorizationToken', { ...refusal, headers: { ...refusal.headers, date } });
    const tokens = provider();
    expect(Math.abs(tokens.now() - Date.now())).toBeLessThan(MINUTE);
    await expect(tokens.get()).rejects.toMatchObject({ code: 'ecr-denied' });
    expect(of('clock-off')).toHaveLength(1);
    expect(Math.abs(tokens.now() - (Date.now() + 2 * hour))).toBeLessThan(MINUTE);
  });

  it('never contain a key or a password', async () => {
    await provider().get();
    expect(JSON.stringify(events)).not.toMatch(/planted|"password":"(?!\[redacted)/);
  });
});

it('a provider gives the cached token after its patience, and not earlier', async () => {
  let isHanging = false;
  let end: (reason: Error) => void = () => undefined;
  const environment = isolateAwsEnvironment();
  const aws = await startAwsStandIn();
  const tokens = ecrTokenProvider({
    client: { region: 'eu-west-1', endpoint: aws.url },
    credentials: () =>
      isHanging
        ? new Promise((_, reject) => (end = reject))
        : Promise.resolve({ accessKeyId: 'AKIA', secretAccessKey: 'x' }),
    cache: { patience: 200 },
    renewAhead: false,
  });
  const { token } = await tokens.get();
  isHanging = true;
  const began = performance.now();
  const given = await tokens.get({ forceRefresh: true });
  const waited = performance.now() - began;
  end(new Error('the test is over'));
  await aws.stop();
  environment.restore();
  expect(given).toEqual({
    token,
    stale: expect.objectContaining({ code: 'timeout', message: 'AWS has not answered within 0.2 s' }),
  });
  expect(waited).toBeGreaterThan(190);
});

it('a malformed environment is refused at once, with every mistake in it', () => {
  const environment = isolateAwsEnvironment();
  environment.set({ AWS_REGION: 'a b', AWS_ROLE_ARN: 'pull' });
  let mistakes: unknown;
  try {
    ecrTokenProvider();
  } catch (error) {
    mistakes = (error as { mistakes?: unknown }).mistakes;
  }
  environment.restore();
  expect(mistakes).toEqual(
    ['AWS_REGION', 'AWS_ROLE_ARN'].map((name) =>
      expect.objectContaining({ message: expect.stringContaining(name) }),
    ),
  );
});
