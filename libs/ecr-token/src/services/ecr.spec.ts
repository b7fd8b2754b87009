import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { isolateAwsEnvironment, type AwsEnvironment } from '../testing/aws-environment.ts';
import { ACCOUNT, ecrError, startAwsStandIn, type Answer, type AwsStandIn } from '../testing/aws-stand-in.ts';
import { AwsClock } from '../token/clock.ts';
import { ecr } from './ecr.ts';

const HOUR = 3_600_000;
/** The Date header has full seconds, and a test takes its time on a busy machine. A wrong clock is off by hours. */
const MINUTE = 60_000;
const ENDPOINT = `https://${ACCOUNT}.dkr.ecr.eu-west-1.amazonaws.com`;

let aws: AwsStandIn;
let environment: AwsEnvironment;

beforeEach(async () => {
  aws = await startAwsStandIn();
  environment = isolateAwsEnvironment();
});
afterEach(async () => {
  environment.restore();
  await aws.stop();
});

function issuer({ region }: { region?: string } = { region: 'eu-west-1' }) {
  const clock = new AwsClock({ clock: Date.now, monotonic: () => performance.now() });
  const issue = ecr({
    credentials: async () => ({ accessKeyId: 'AKIAEXAMPLE', secretAccessKey: 'secret' }),
    client: { region, endpoint: aws.url, maxAttempts: 2 },
    env: process.env,
    clock,
  });
  return Object.assign(() => issue(new AbortController().signal), { clock });
}

const base64 = (text: string) => Buffer.from(text).toString('base64');

/** The answer of ECR with changes. Fields that are undefined are omitted. */
function authorizationData(changes: Record<string, unknown> = {}, headers = {}): Answer {
  const authorizationToken = base64('AWS:password');
  const expiresAt = (Date.now() + 12 * HOUR) / 1_000;
  const data = { authorizationToken, expiresAt, proxyEndpoint: ENDPOINT, ...changes };
  return { headers, body: JSON.stringify({ authorizationData: [data] }) };
}

/** The Date header of AWS, with AWS's clock `offset` milliseconds ahead. */
const dated = (offset: number) => ({ date: new Date(Date.now() + offset).toUTCString() });

describe('the answer of ECR', () => {
  it('makes a token of its region', async () => {
    aws.answer('GetAuthorizationToken', authorizationData({ authorizationToken: base64('AWS:pass:word') }));
    const token = await issuer()();
    expect(token).toMatchObject({ username: 'AWS', password: 'pass:word', region: 'eu-west-1' });
    expect(token.proxyEndpoint).toBe(ENDPOINT);
    expect(token.expiresAt.getTime() - token.issuedAt.getTime()).toBeGreaterThan(11 * HOUR);
  });

  it.each<[string, Record<string, unknown>, string]>([
    ['no token', { authorizationToken: undefined }, 'no username and password'],
    ['no password', { authorizationToken: base64('AWS:') }, 'no username and password'],
    ['no username', { authorizationToken: base64(':password') }, 'no username and password'],
    ['no expiresAt', { expiresAt: undefined }, 'when its token expires'],
    ['a token that has expired', { expiresAt: Date.now() / 1_000 - 1 }, 'already expired'],
    [
      'a token that lives for days',
      { expiresAt: Date.now() / 1_000 + 48 * 3_600 },
      'later than any token of ECR',
    ],
    ['no proxyEndpoint', { proxyEndpoint: undefined }, "the account's own"],
    ['an empty proxyEndpoint', { proxyEndpoint: '' }, "the account's own"],
    ['a proxyEndpoint without a scheme', { proxyEndpoint: 'registry.example.com' }, "the account's own"],
    ['a proxyEndpoint without a host', { proxyEndpoint: 'https://' }, "the account's own"],
    ['a proxyEndpoint of another scheme', { proxyEndpoint: 'file:///etc' }, "the account's own"],
    ['a proxyEndpoint with a path', { proxyEndpoint: `${ENDPOINT}/v2/` }, "the account's own"],
    ['a proxyEndpoint with a user', { proxyEndpoint: 'https://a:b@example.com' }, "the account's own"],
    [
      'a registry that its token does not open',
      { proxyEndpoint: `https://${ACCOUNT}.dkr.ecr.us-east-1.amazonaws.com` },
      'a registry of another region',
    ],
    ['a proxyEndpoint that is no URL', { proxyEndpoint: 'https://a b' }, "the account's own"],
  ])('with %s is a bad response', async (_, changes, words) => {
    aws.answer('GetAuthorizationToken', authorizationData(changes));
    await expect(issuer()()).rejects.toMatchObject({
      code: 'bad-response',
      message: expect.stringContaining(words),
    });
  });

  it('without anything in it is a bad response', async () => {
    aws.answer('GetAuthorizationToken', { body: '{}' });
    await expect(issuer()()).rejects.toMatchObject({ code: 'bad-response' });
  });
});

describe('a token with an impossible expiry', () => {
  const iso = /\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z/.source;

  it.each([
    [-HOUR, 'had already expired at'],
    [48 * HOUR, 'expires later than any token of ECR, at'],
  ])(
    'is reported with its expiry and the current time, and the error is not transient (%d)',
    async (life, words) => {
      const expiresAt = (Date.now() + life) / 1_000;
      aws.answer('GetAuthorizationToken', authorizationData({ expiresAt }, dated(0)));
      await expect(issuer()()).rejects.toMatchObject({
        code: 'bad-response',
        transient: false,
        message: expect.stringMatching(new RegExp(`${words} ${iso}; here it is ${iso} by AWS's clock$`)),
        remedy: expect.not.stringContaining("machine's clock"),
      });
    },
  );

  it("is compared with this machine's clock if AWS's time is unknown", async () => {
    const expiresAt = (Date.now() - HOUR) / 1_000;
    aws.answer('GetAuthorizationToken', authorizationData({ expiresAt }, { date: 'never' }));
    await expect(issuer()()).rejects.toMatchObject({
      message: expect.stringMatching(/by this machine's clock$/),
      remedy: expect.stringContaining("check this machine's clock"),
    });
  });
});

describe('the clock', () => {
  const offsetAfter = async (answer: Answer) => {
    const issue = issuer();
    aws.answer('GetAuthorizationToken', answer);
    await issue().catch(() => undefined);
    return issue.clock.offset;
  };

  it('of AWS decides when a token was issued and whether it has expired', async () => {
    const offset = -24 * HOUR;
    const expiresAt = (Date.now() + offset + 12 * HOUR) / 1_000;
    aws.answer('GetAuthorizationToken', authorizationData({ expiresAt }, dated(offset)));
    const token = await issuer()();
    expect(Math.abs(token.issuedAt.getTime() - (Date.now() + offset))).toBeLessThan(MINUTE);
  });

  it('is also read from a refusal', async () => {
    const refusal = ecrError('AccessDeniedException', 'no');
    const heard = await offsetAfter({ ...refusal, headers: { ...refusal.headers, ...dated(2 * HOUR) } });
    expect(Math.abs(heard - 2 * HOUR)).toBeLessThan(MINUTE);
  });

  it.each([
    ['without an id of AWS, as a proxy gives', { 'x-amzn-requestid': [] }],
    ['with an age, as a cache gives', { age: '7200' }],
    ['without a date', { date: [] }],
  ])('is not read from an answer %s', async (_, headers) => {
    const answer = authorizationData({}, { ...dated(2 * HOUR), ...headers });
    expect(Math.abs(await offsetAfter(answer))).toBeLessThan(MINUTE);
  });

  it("is remembered: the next request is signed with AWS's time", async () => {
    const issue = issuer();
    const good = authorizationData({}, dated(HOUR));
    const skewed = { ...ecrError('InvalidSignatureException', 'Signature expired'), headers: dated(HOUR) };
    aws.answer('GetAuthorizationToken', skewed, good);
    await issue();
    await issue();
    const days = aws.seen.map(({ headers }) => String(headers['x-amz-date']));
    expect(days).toHaveLength(3);
    expect(signedAt(days[2]) - Date.now()).toBeGreaterThan(HOUR / 2);
  });
});

it('a missing region is a wrong setting', async () => {
  await expect(issuer({})()).rejects.toMatchObject({ code: 'invalid-settings' });
  expect(aws.seen).toEqual([]);
});

it('a region of a profile that is not the name of a region is a wrong setting', async () => {
  environment.set({ AWS_CONFIG_FILE: environment.write('config', '[default]\nregion = eu west 1\n') });
  await expect(issuer({})()).rejects.toMatchObject({
    code: 'invalid-settings',
    message: 'The region or the endpoint for GetAuthorizationToken cannot be used as set (Error)',
  });
});

/** `20260102T030405Z` as a time. */
function signedAt(text = ''): number {
  return Date.parse(text.replace(/^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)/, '$1-$2-$3T$4:$5:'));
}
