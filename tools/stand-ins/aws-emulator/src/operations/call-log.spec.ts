import { GetAuthorizationTokenCommand } from '@aws-sdk/client-ecr';
import { AssumeRoleCommand, AssumeRoleWithWebIdentityCommand } from '@aws-sdk/client-sts';
import { describe, expect, it } from '@jest/globals';
import { CallLog } from './call-log.ts';
import { startStage } from '../testing/clients.ts';
import { jsonWebToken } from '../testing/json-web-token.ts';

const RoleArn = 'arn:aws:iam::111122223333:role/puller';

describe('the log of calls', () => {
  it('has the operation, the caller, the region and the session, and no secrets', async () => {
    const stage = await startStage();
    try {
      const webToken = jsonWebToken({ sub: 'someone' });
      const { Credentials } = await stage
        .sts({ region: 'eu-west-1' })
        .send(new AssumeRoleCommand({ RoleArn, RoleSessionName: 'here', ExternalId: 'us' }));
      await stage.sts().send(
        new AssumeRoleWithWebIdentityCommand({
          RoleArn,
          RoleSessionName: 'web',
          WebIdentityToken: webToken,
        }),
      );
      await stage.ecr().send(new GetAuthorizationTokenCommand({}));

      const callerArn = 'arn:aws:iam::111122223333:user/emulated';
      expect(stage.emulator.log()).toEqual([
        {
          operation: 'AssumeRole',
          callerArn,
          region: 'eu-west-1',
          roleArn: RoleArn,
          sessionName: 'here',
          externalId: 'us',
        },
        { operation: 'AssumeRoleWithWebIdentity', roleArn: RoleArn, sessionName: 'web' },
        { operation: 'GetAuthorizationToken', callerArn, region: 'us-east-1' },
      ]);
      const text = JSON.stringify(stage.emulator.log());
      for (const secret of [
        webToken,
        stage.emulator.accessKeys.secretAccessKey,
        Credentials?.SecretAccessKey ?? '',
        Credentials?.SessionToken ?? '',
      ]) {
        expect(text).not.toContain(secret);
      }
    } finally {
      await stage.stop();
    }
  });

  it('counts failed calls, and can be reset', async () => {
    const stage = await startStage();
    try {
      const credentials = { accessKeyId: 'AKIAIOSFODNN7EXAMPLE', secretAccessKey: 'unknown' };
      const ask = () => stage.ecr({ credentials }).send(new GetAuthorizationTokenCommand({}));
      await ask().catch(() => undefined);
      await ask().catch(() => undefined);

      expect(stage.emulator.calls()).toEqual({ GetAuthorizationToken: 2 });
      expect(stage.emulator.log()[0]).toEqual({
        operation: 'GetAuthorizationToken',
        error: 'UnrecognizedClientException',
      });
      stage.emulator.resetCalls();
      expect(stage.emulator.calls()).toEqual({});
      expect(stage.emulator.log()).toEqual([]);
    } finally {
      await stage.stop();
    }
  });

  it('still counts all calls after it has dropped the oldest lines', () => {
    const log = new CallLog();
    for (let index = 0; index < 10_001; index += 1) log.add({ operation: 'Ask', sessionName: `${index}` });

    expect(log.counts()).toEqual({ Ask: 10_001 });
    expect(log.lines()).toHaveLength(10_000);
    expect(log.lines()[0]?.sessionName).toBe('1');
  });
});
