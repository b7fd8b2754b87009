import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { inspect } from 'node:util';
import { ECRClient, GetAuthorizationTokenCommand } from '@aws-sdk/client-ecr';
import { fromEnv, fromHttp, fromProcess, fromSSO } from '@aws-sdk/credential-providers';
import { AssumeRoleCommand, AssumeRoleWithWebIdentityCommand, STSClient } from '@aws-sdk/client-sts';
import { ECR } from '../services/ecr.ts';
import { GIVEN_CREDENTIALS } from '../services/given-credentials.ts';
import { STS } from '../services/sts-errors.ts';
import { isolateAwsEnvironment, type AwsEnvironment } from '../testing/aws-environment.ts';
import {
  ecrError,
  startAwsStandIn,
  stsError,
  type Answer,
  type AwsStandIn,
} from '../testing/aws-stand-in.ts';
import { isEcrTokenError, type EcrTokenError, type EcrTokenErrorCode } from './error.ts';
import type { CallContext } from './service.ts';
import { toEcrTokenError } from './to-ecr-token-error.ts';

const ROLE = 'arn:aws:iam::111122223333:role/pull';
const SECRET = 'planted/Secret+0123456789abcdefABCDEF==';
const SESSION_TOKEN = `IQoJb3JpZ2luX2VjEXAMPLE${SECRET}`;

let aws: AwsStandIn;
let environment: AwsEnvironment;
beforeEach(async () => {
  environment = isolateAwsEnvironment();
  aws = await startAwsStandIn();
});
afterEach(async () => {
  await aws.stop();
  environment.restore();
});

type Operation = 'GetAuthorizationToken' | 'AssumeRole' | 'AssumeRoleWithWebIdentity';

/** The result of a real client's call after this answer of AWS. */
async function errorFor(operation: Operation, answer: Answer): Promise<EcrTokenError> {
  aws.answer(operation, answer);
  const service = operation === 'GetAuthorizationToken' ? ECR : STS;
  const context: CallContext = {
    service,
    operation,
    region: 'us-east-1',
    ...(service === STS && { roleArn: ROLE }),
  };
  const config = {
    region: 'us-east-1',
    endpoint: aws.url,
    maxAttempts: 1,
    credentials: {
      accessKeyId: 'AKIAIOSFODNN7EXAMPLE',
      secretAccessKey: SECRET,
      sessionToken: SESSION_TOKEN,
    },
  };
  const role = { RoleArn: ROLE, RoleSessionName: 'ecr-anywhere' };
  const ecr = new ECRClient(config);
  const sts = new STSClient(config);
  const calls: Record<Operation, () => Promise<unknown>> = {
    GetAuthorizationToken: () => ecr.send(new GetAuthorizationTokenCommand({})),
    AssumeRole: () => sts.send(new AssumeRoleCommand(role)),
    AssumeRoleWithWebIdentity: () =>
      sts.send(new AssumeRoleWithWebIdentityCommand({ ...role, WebIdentityToken: SESSION_TOKEN })),
  };
  try {
    await calls[operation]();
  } catch (error) {
    return toEcrTokenError(error, context);
  } finally {
    ecr.destroy();
    sts.destroy();
  }
  throw new Error('the call succeeded');
}

const html = (status: number): Answer => ({
  status,
  headers: { 'content-type': 'text/html' },
  body: `<html><body>Blocked by policy ${SECRET}</body></html>`,
});

describe('an error answer of AWS', () => {
  const rows: [EcrTokenErrorCode, Operation, Answer][] = [
    [
      'credentials-invalid',
      'GetAuthorizationToken',
      ecrError('UnrecognizedClientException', 'The security token included in the request is invalid.'),
    ],
    [
      'credentials-invalid',
      'GetAuthorizationToken',
      ecrError('InvalidSignatureException', 'The request signature we calculated does not match'),
    ],
    [
      'credentials-invalid',
      'GetAuthorizationToken',
      ecrError('ExpiredTokenException', 'The security token included in the request is expired'),
    ],
    [
      'credentials-invalid',
      'AssumeRole',
      stsError('InvalidClientTokenId', 'The security token included in the request is invalid.', 403),
    ],
    [
      'credentials-invalid',
      'AssumeRole',
      stsError('ExpiredToken', 'The security token included in the request is expired', 403),
    ],
    [
      'credentials-invalid',
      'AssumeRole',
      stsError('SignatureDoesNotMatch', 'The request signature we calculated does not match', 403),
    ],
    [
      'credentials-invalid',
      'AssumeRole',
      stsError('MissingAuthenticationToken', 'Request is missing Authentication Token', 403),
    ],
    [
      'identity-rejected',
      'AssumeRoleWithWebIdentity',
      stsError(
        'ExpiredTokenException',
        'Token expired: current date/time must be before the expiration date/time',
      ),
    ],
    [
      'identity-rejected',
      'AssumeRoleWithWebIdentity',
      stsError('InvalidIdentityToken', 'No OpenIDConnect provider found in your account'),
    ],
    ['identity-rejected', 'AssumeRoleWithWebIdentity', stsError('IDPRejectedClaim', 'Token is expired', 403)],
    [
      'service',
      'AssumeRoleWithWebIdentity',
      stsError('IDPCommunicationError', 'Error communicating with the identity provider'),
    ],
    [
      'role-denied',
      'AssumeRoleWithWebIdentity',
      stsError('AccessDenied', 'Not authorized to perform sts:AssumeRoleWithWebIdentity', 403),
    ],
    ['role-denied', 'AssumeRole', stsError('AccessDenied', 'not authorized', 403)],
    [
      'ecr-denied',
      'GetAuthorizationToken',
      ecrError('AccessDeniedException', 'not authorized to perform: ecr:GetAuthorizationToken'),
    ],
    ['throttled', 'GetAuthorizationToken', ecrError('ThrottlingException', 'Rate exceeded')],
    ['throttled', 'GetAuthorizationToken', ecrError('TooManyRequestsException', 'slow', 429)],
    ['throttled', 'AssumeRole', stsError('Throttling', 'Rate exceeded')],
    [
      'region-unavailable',
      'AssumeRole',
      stsError('RegionDisabledException', 'STS is not activated in this region', 403),
    ],
    ['region-unavailable', 'GetAuthorizationToken', ecrError('OptInRequired', 'not subscribed', 403)],
    [
      'clock-skew',
      'GetAuthorizationToken',
      ecrError(
        'InvalidSignatureException',
        'Signature expired: 20260101T000000Z is now earlier than 20260101T001000Z',
      ),
    ],
    [
      'clock-skew',
      'AssumeRole',
      stsError(
        'SignatureDoesNotMatch',
        'Signature not yet current: 20260101T000000Z is still later than',
        403,
      ),
    ],
    ['clock-skew', 'AssumeRole', stsError('RequestTimeTooSkewed', 'too large', 403)],
    [
      'invalid-settings',
      'AssumeRole',
      stsError(
        'ValidationError',
        'The requested DurationSeconds exceeds the MaxSessionDuration set for this role.',
      ),
    ],
    ['service', 'GetAuthorizationToken', ecrError('ServerException', 'oops', 500)],
    ['service', 'AssumeRole', stsError('InternalFailure', 'oops', 500)],
    ['service', 'GetAuthorizationToken', html(503)],
    ['service', 'AssumeRole', html(502)],
    ['bad-response', 'GetAuthorizationToken', html(403)],
    ['bad-response', 'AssumeRole', html(403)],
    ['bad-response', 'GetAuthorizationToken', html(200)],
    [
      'bad-response',
      'GetAuthorizationToken',
      { body: `{"authorizationData":[{"authorizationToken":"${SECRET}` },
    ],
    ['bad-response', 'AssumeRole', { body: `<AssumeRoleResponse><Secret>${SECRET}` }],
    ['bad-response', 'GetAuthorizationToken', { status: 404, body: '' }],
  ];
  it.each(rows)('is %s, from %s, for %p', async (code, operation, answer) => {
    const error = await errorFor(operation, answer);
    expect(error).toMatchObject({ code });
    expect(everything(error)).not.toContain('planted');
  });

  it('keeps the request id for a support case, and the first sentence as the cause', async () => {
    const error = await errorFor('AssumeRole', stsError('Throttling', 'Rate exceeded. More text.'));
    expect(error.requestId).toBe('request-1');
    expect(error.cause).toMatchObject({ name: 'Throttling', message: 'Rate exceeded' });
  });
});

describe('the message', () => {
  it('says about unknown keys that the region may not be enabled', async () => {
    const error = await errorFor('GetAuthorizationToken', ecrError('UnrecognizedClientException', 'invalid'));
    expect(error.remedy).toMatch(/access key.*opt-in region/);
  });

  it('names the caller that ECR denies the token, and says that the resource has to be "*"', async () => {
    const caller = 'arn:aws:sts::111122223333:assumed-role/pull/ecr-anywhere';
    const text = `User: ${caller} is not authorized to perform: ecr:GetAuthorizationToken on resource: *`;
    const error = await errorFor('GetAuthorizationToken', ecrError('AccessDeniedException', text));
    expect(error.message).toBe(`ECR in us-east-1 denies ecr:GetAuthorizationToken to ${caller}`);
    expect(error.remedy).toContain('Resource "*"');
  });

  it('names the variable if a session would be too long for the role', async () => {
    const text =
      'The requested DurationSeconds exceeds the 1 hour session limit for roles assumed by role chaining.';
    const error = await errorFor('AssumeRole', stsError('ValidationError', text));
    expect(error.remedy).toContain('AWS_ROLE_DURATION_SECONDS');
  });

  it('says by how much the clock is wrong', async () => {
    const date = new Date(Date.now() + 10 * 60_000).toUTCString();
    const refusal = stsError('RequestTimeTooSkewed', 'too large', 403);
    const error = await errorFor('AssumeRole', { ...refusal, headers: { ...refusal.headers, date } });
    expect(error.message).toContain("this machine's clock is wrong: it is about 10 minutes behind");
  });

  it('never contains what AWS quotes from a request or from an invalid value', async () => {
    const quoted = [
      `The request signature we calculated does not match the signature you provided.\n\nThe Canonical String should have been\nx-amz-security-token:${SESSION_TOKEN}`,
      `1 validation error detected: Value '${SESSION_TOKEN}' at 'webIdentityToken' failed to satisfy constraint`,
      `Value 'planted' at 'externalId' failed to satisfy constraint`,
      `'${SESSION_TOKEN}' not a valid key=value pair (missing equal-sign) in Authorization header`,
      `Bad token ${SESSION_TOKEN}`,
    ];
    for (const text of quoted) {
      for (const name of ['SignatureDoesNotMatch', 'ValidationError', 'AccessDenied', 'Whatever']) {
        const error = await errorFor('AssumeRole', stsError(name, text));
        expect(everything(error)).not.toMatch(/planted|IQoJ/);
      }
    }
  });

  it('never contains a malformed code', async () => {
    const error = await errorFor('AssumeRole', stsError(SECRET, 'x'));
    expect(everything(error)).not.toContain('planted');
  });
});

describe('an error of the network', () => {
  const context: CallContext = { service: ECR, operation: 'GetAuthorizationToken', region: 'us-east-1' };
  const nodeError = (code: string, name = 'Error') =>
    Object.assign(new Error(`${code} planted`), { code, name });

  it.each<[EcrTokenErrorCode, Error]>([
    ['network', nodeError('ECONNREFUSED')],
    ['network', nodeError('ECONNRESET', 'TimeoutError')], // the SDK gives it this name
    ['network', nodeError('EPIPE', 'TimeoutError')],
    ['network', nodeError('EAI_AGAIN')],
    ['network', nodeError('ENOTFOUND')],
    ['network', nodeError('ENETUNREACH')],
    ['network', nodeError('UNABLE_TO_VERIFY_LEAF_SIGNATURE')],
    ['network', nodeError('CERT_HAS_EXPIRED')],
    [
      'network',
      Object.assign(new Error(''), { errors: [nodeError('ECONNREFUSED'), nodeError('ECONNREFUSED')] }),
    ],
    ['timeout', nodeError('ETIMEDOUT', 'TimeoutError')],
    ['timeout', Object.assign(new Error('planted'), { name: 'TimeoutError' })],
    ['aborted', Object.assign(new Error('Request aborted'), { name: 'AbortError' })],
    ['invalid-settings', new Error('Region not accepted: region="a b" is not a valid hostname component.')],
    [
      'invalid-settings',
      Object.assign(new Error('Invalid Configuration: FIPS and custom endpoint are not supported'), {
        name: 'EndpointError',
      }),
    ],
    [
      'invalid-settings',
      Object.assign(new TypeError('Invalid URL'), { code: 'ERR_INVALID_URL', input: 'planted' }),
    ],
    ['bad-response', new SyntaxError('Unexpected token p in JSON at position 0: planted')],
  ])('is %s for %p', (code, error) => {
    const classified = toEcrTokenError(error, context);
    expect(classified).toMatchObject({ code });
    expect(everything(classified)).not.toContain('planted');
  });

  it('names DNS and the region if a host is not found', () => {
    const known = toEcrTokenError(nodeError('ENOTFOUND'), context);
    expect(known).toMatchObject({ code: 'network', remedy: expect.stringMatching(/DNS.*us-east-1/) });
    const misspelt = toEcrTokenError(nodeError('ENOTFOUND'), { ...context, region: 'us-esat-1' });
    expect(misspelt).toMatchObject({ code: 'region-unavailable', transient: false });
    expect(misspelt.remedy).toMatch(/AWS_REGION.*DNS/);
  });

  it('names a host that is not found, and the endpoint setting if the host is not one of AWS', () => {
    const of = (hostname: string) =>
      toEcrTokenError(Object.assign(nodeError('ENOTFOUND'), { hostname }), context);
    expect(of('vpce-typo.invalid')).toMatchObject({
      message: 'The host name vpce-typo.invalid of ECR in us-east-1 does not resolve (ENOTFOUND)',
      remedy: expect.stringContaining('AWS_ENDPOINT_URL'),
    });
    expect(of('api.ecr.us-east-1.amazonaws.com').remedy).toMatch(/^check DNS, and that us-east-1 is/);
  });

  it.each([
    'eu-central-2',
    'us-gov-west-1',
    'us-isob-east-1',
    'ap-southeast-7',
    'eusc-de-east-1',
    'mx-central-1',
  ])('is trouble with DNS, not with the region, in %s', (region) => {
    expect(toEcrTokenError(nodeError('ENOTFOUND'), { ...context, region })).toMatchObject({
      code: 'network',
    });
  });

  it('is classified once', () => {
    const error = toEcrTokenError(nodeError('ECONNREFUSED'), context);
    expect(toEcrTokenError(error, { ...context, service: STS })).toBe(error);
  });

  it.each([undefined, null, 'planted', 42, {}, Object.create(null)])(
    'makes an error of %p as well',
    (thrown) => {
      const error = toEcrTokenError(thrown, context);
      expect(isEcrTokenError(error)).toBe(true);
      expect(everything(error)).not.toContain('planted');
    },
  );
});

describe("a program's own provider of the AWS SDK that has no credentials", () => {
  const told = async (provider: () => Promise<unknown>) => {
    const error = await provider().then(
      () => undefined,
      (thrown: unknown) => toEcrTokenError(thrown, { service: GIVEN_CREDENTIALS, operation: 'x' }),
    );
    expect(everything(error!)).not.toContain('planted');
    return error;
  };
  const profile = (lines: string) =>
    environment.set({ AWS_CONFIG_FILE: environment.write('config', `[default]\n${lines}\n`) });

  it('has its own message, different from those of the sources of this library', async () => {
    const error = await told(fromEnv());
    expect(error).toMatchObject({ code: 'credentials-missing' });
    expect(error?.message).toBe('The credential provider that was given has no credentials');
  });

  it('has a message about the cause, if the SDK gives it', async () => {
    profile('credential_process = sh -c "echo planted; exit 1"');
    expect((await told(fromProcess({ ignoreCache: true })))?.message).toContain('credential_process');
    profile('sso_start_url = x\nsso_region = x\nsso_account_id = x\nsso_role_name = planted');
    expect((await told(fromSSO({ ignoreCache: true })))?.remedy).toContain('aws sso login');
  });

  it('has a message about the denial if STS denies it a role, and none about ECR', async () => {
    aws.answer('AssumeRole', stsError('AccessDenied', 'no', 403));
    const sts = new STSClient({
      region: 'us-east-1',
      endpoint: aws.url,
      credentials: { accessKeyId: 'A', secretAccessKey: 'x' },
    });
    const role = { RoleArn: ROLE, RoleSessionName: 'ci' };
    expect(await told(() => sts.send(new AssumeRoleCommand(role)))).toMatchObject({
      code: 'role-denied',
      message: 'AWS denied a call of the credential provider that was given (AccessDenied)',
    });
    sts.destroy();
  });

  it('is a network error if the network failed', async () => {
    const url = aws.url;
    await aws.stop();
    const provider = fromHttp({ awsContainerCredentialsFullUri: url, maxRetries: 0 });
    expect(await told(provider)).toMatchObject({ code: 'network', transient: true });
  });
});

function everything(error: Error): string {
  return `${error.stack} ${JSON.stringify(error)} ${inspect(error, { depth: Infinity, showHidden: true })}`;
}
