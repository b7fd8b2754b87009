import {
  AssumeRoleCommand,
  AssumeRoleWithWebIdentityCommand,
  GetCallerIdentityCommand,
} from '@aws-sdk/client-sts';
import { fromTemporaryCredentials } from '@aws-sdk/credential-providers';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { keysOf, startStage, type Stage } from '../testing/clients.ts';
import { jsonWebToken } from '../testing/json-web-token.ts';

const PULLER = 'arn:aws:iam::111122223333:role/teams/blue/puller';
const GUARDED = 'arn:aws:iam::111122223333:role/guarded';
const CLOSED = 'arn:aws:iam::111122223333:role/closed';
const IN_AN_HOUR = Math.floor(Date.now() / 1000) + 3_600;

describe('STS', () => {
  let stage: Stage;
  beforeAll(async () => {
    stage = await startStage({
      roles: { [GUARDED]: { externalId: 'only & <us>' }, [CLOSED]: { denied: true } },
    });
  });
  afterAll(() => stage.stop());

  const assume = (input: Partial<AssumeRoleCommand['input']>, options?: Parameters<Stage['sts']>[0]) =>
    stage
      .sts(options)
      .send(new AssumeRoleCommand({ RoleArn: PULLER, RoleSessionName: 'a-session', ...input }));
  const assumeWith = (token: string, RoleArn = PULLER) =>
    stage
      .sts()
      .send(
        new AssumeRoleWithWebIdentityCommand({ RoleArn, RoleSessionName: 'web', WebIdentityToken: token }),
      );

  it('returns the identity of the user', async () => {
    await expect(stage.sts().send(new GetCallerIdentityCommand({}))).resolves.toMatchObject({
      Account: '111122223333',
      Arn: 'arn:aws:iam::111122223333:user/emulated',
      UserId: expect.stringMatching(/^AIDA[A-Z2-7]{17}$/),
    });
  });

  it('lets the user assume a role, and returns the identity of the session', async () => {
    const { Credentials, AssumedRoleUser } = await assume({ DurationSeconds: 900 });

    expect(Credentials).toMatchObject({
      AccessKeyId: expect.stringMatching(/^ASIA[A-Z2-7]{16}$/),
      Expiration: expect.any(Date),
    });
    expect(Math.abs(Credentials!.Expiration!.getTime() - Date.now() - 900_000)).toBeLessThan(60_000);
    const who = await stage.sts({ credentials: keysOf(Credentials) }).send(new GetCallerIdentityCommand({}));
    expect(who).toMatchObject({
      Account: '111122223333',
      Arn: 'arn:aws:sts::111122223333:assumed-role/puller/a-session',
      UserId: expect.stringMatching(/^AROA[A-Z2-7]{17}:a-session$/),
    });
    expect(AssumedRoleUser).toEqual({ Arn: who.Arn, AssumedRoleId: who.UserId });
  });

  it('returns the same id for a role each time', async () => {
    const [one, other] = [await assume({}), await assume({ RoleSessionName: 'another' })];

    const [id] = one.AssumedRoleUser!.AssumedRoleId!.split(':');
    expect(other.AssumedRoleUser?.AssumedRoleId).toBe(`${id}:another`);
  });

  it('lets the user assume a role of another account', async () => {
    const { AssumedRoleUser } = await assume({ RoleArn: 'arn:aws-cn:iam::444455556666:role/pull' });

    expect(AssumedRoleUser?.Arn).toBe('arn:aws-cn:sts::444455556666:assumed-role/pull/a-session');
  });

  it('requires the external ID of a role', async () => {
    await expect(assume({ RoleArn: GUARDED })).rejects.toMatchObject({
      name: 'AccessDenied',
      message: `User: arn:aws:iam::111122223333:user/emulated is not authorized to perform: sts:AssumeRole on resource: ${GUARDED}`,
      $metadata: { httpStatusCode: 403 },
    });
    await expect(assume({ RoleArn: GUARDED, ExternalId: 'others' })).rejects.toMatchObject({
      name: 'AccessDenied',
    });
    await assume({ RoleArn: GUARDED, ExternalId: 'only & <us>' });
  });

  it('refuses to assume a denied role', async () => {
    await expect(assume({ RoleArn: CLOSED })).rejects.toMatchObject({ name: 'AccessDenied' });
    await expect(assumeWith(jsonWebToken({ exp: IN_AN_HOUR }), CLOSED)).rejects.toMatchObject({
      name: 'AccessDenied',
      message: 'Not authorized to perform sts:AssumeRoleWithWebIdentity',
    });
  });

  it('limits sessions to an hour with role chaining', async () => {
    const credentials = keysOf((await assume({})).Credentials);

    await expect(assume({ DurationSeconds: 3_601 }, { credentials })).rejects.toMatchObject({
      name: 'ValidationError',
      message: expect.stringContaining('role chaining'),
    });
    await assume({ DurationSeconds: 3_600 }, { credentials });
  });

  it.each([
    ['a duration too short', { DurationSeconds: 899 }, 'greater than or equal to 900'],
    ['a duration too long', { DurationSeconds: 43_201 }, 'less than or equal to 43200'],
    ['a session name with a blank', { RoleSessionName: 'a b' }, String.raw`[\w+=,.@-]*`],
    ['a session name of markup', { RoleSessionName: '<&>' }, "Value '<&>' at 'roleSessionName'"],
    ['a session name too short', { RoleSessionName: 'a' }, 'length greater than or equal to 2'],
    ['a session name too long', { RoleSessionName: 'a'.repeat(65) }, 'length less than or equal to 64'],
    ['no role', { RoleArn: undefined }, "'roleArn'"],
    ['the ARN of a user', { RoleArn: 'arn:aws:iam::111122223333:user/x' }, 'is invalid'],
  ])('refuses %s', async (_what, input, message) => {
    await expect(assume(input)).rejects.toMatchObject({
      name: 'ValidationError',
      message: expect.stringContaining(message),
      $metadata: { httpStatusCode: 400 },
    });
  });

  it('lets a web identity assume a role without a signature, and returns its subject', async () => {
    const answer = await assumeWith(
      jsonWebToken({
        iss: 'https://oidc.example.com',
        sub: 'system:serviceaccount:ecr-anywhere:webhook',
        aud: ['sts.amazonaws.com'],
        exp: IN_AN_HOUR,
      }),
    );

    expect(answer).toMatchObject({
      AssumedRoleUser: { Arn: 'arn:aws:sts::111122223333:assumed-role/puller/web' },
      SubjectFromWebIdentityToken: 'system:serviceaccount:ecr-anywhere:webhook',
      Audience: 'sts.amazonaws.com',
      Provider: 'https://oidc.example.com',
    });
    await stage.sts({ credentials: keysOf(answer.Credentials) }).send(new GetCallerIdentityCommand({}));
  });

  it('refuses a web identity token that has expired', async () => {
    await expect(assumeWith(jsonWebToken({ exp: 1 }))).rejects.toMatchObject({
      name: 'ExpiredTokenException',
      message: expect.stringMatching(/^Token expired: current date\/time \d+ must be before .* 1$/),
    });
  });

  it.each(['not-a-token', 'a.b', 'a.b.c', `a.${Buffer.from('null').toString('base64url')}.c`])(
    'refuses %j for a web identity token',
    async (token) => {
      await expect(assumeWith(token)).rejects.toMatchObject({ name: 'InvalidIdentityTokenException' });
    },
  );

  it('accepts only the listed web identity tokens, if there is a list', async () => {
    const strict = await startStage({ webIdentityTokens: ['opaque', jsonWebToken({ exp: 1 })] });
    try {
      const ask = (WebIdentityToken: string) =>
        strict.sts().send(
          new AssumeRoleWithWebIdentityCommand({
            RoleArn: PULLER,
            RoleSessionName: 'web',
            WebIdentityToken,
          }),
        );

      await ask('opaque');
      await expect(ask(jsonWebToken({ exp: IN_AN_HOUR }))).rejects.toMatchObject({
        name: 'InvalidIdentityTokenException',
      });
      await expect(ask(jsonWebToken({ exp: 1 }))).rejects.toMatchObject({ name: 'ExpiredTokenException' });
    } finally {
      await strict.stop();
    }
  });

  it("serves the SDK's own provider of a role's credentials", async () => {
    const provider = fromTemporaryCredentials({
      masterCredentials: stage.emulator.accessKeys,
      params: { RoleArn: GUARDED, RoleSessionName: 'provided', ExternalId: 'only & <us>' },
      clientConfig: { endpoint: stage.emulator.endpoint, region: 'eu-west-1' },
    });

    await expect(
      stage.sts({ credentials: await provider() }).send(new GetCallerIdentityCommand({})),
    ).resolves.toMatchObject({
      Arn: 'arn:aws:sts::111122223333:assumed-role/guarded/provided',
    });
  });

  it('refuses other operations', async () => {
    const answer = await fetch(stage.emulator.endpoint, {
      method: 'POST',
      headers: { 'content-type': 'application/x-www-form-urlencoded' },
      body: 'Action=GetFederationToken&Version=2011-06-15',
    });

    // Like AWS, the emulator checks the caller first.
    expect(answer.status).toBe(403);
    expect(await answer.text()).toContain('<Code>MissingAuthenticationToken</Code>');
  });
});
