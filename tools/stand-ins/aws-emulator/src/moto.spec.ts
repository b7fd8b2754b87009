import { GetAuthorizationTokenCommand } from '@aws-sdk/client-ecr';
import {
  AssumeRoleCommand,
  AssumeRoleWithWebIdentityCommand,
  GetCallerIdentityCommand,
  type STSClient,
} from '@aws-sdk/client-sts';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { startStage, type Stage } from './testing/clients.ts';
import { jsonWebToken } from './testing/json-web-token.ts';
import { MOTO } from './testing/moto-answers.ts';
import { recordAnswer } from './testing/record-answer.ts';

const role = { RoleArn: 'arn:aws:iam::111122223333:role/path/puller', RoleSessionName: 'sess' };

/** moto answers with the size of a policy even if none was sent. AWS does not. */
const BEYOND_AWS = 'PackedPolicySize';

describe("answers, compared with moto's answers to the same calls", () => {
  let stage: Stage;
  beforeAll(async () => {
    stage = await startStage();
  });
  afterAll(() => stage.stop());

  it('have the same JSON: GetAuthorizationToken', async () => {
    const client = stage.ecr();
    const answer = await recordAnswer(client, () => client.send(new GetAuthorizationTokenCommand({})));

    expect(answer.contentType).toBe(MOTO.GetAuthorizationToken.contentType);
    expect(shapeOf(JSON.parse(answer.body))).toEqual(shapeOf(JSON.parse(MOTO.GetAuthorizationToken.body)));
  });

  it.each([
    ['GetCallerIdentity', (client: STSClient) => client.send(new GetCallerIdentityCommand({}))],
    ['AssumeRole', (client: STSClient) => client.send(new AssumeRoleCommand(role))],
    [
      'AssumeRoleWithWebIdentity',
      (client: STSClient) =>
        client.send(new AssumeRoleWithWebIdentityCommand({ ...role, WebIdentityToken: jsonWebToken({}) })),
    ],
  ] as const)('have the same XML: %s', async (operation, send) => {
    const client = stage.sts();
    const answer = await recordAnswer(client, () => send(client));

    expect(answer.contentType).toBe(MOTO[operation].contentType);
    expect(answer.body).toContain(`xmlns="https://sts.amazonaws.com/doc/2011-06-15/"`);
    expect(elementsOf(answer.body)).toEqual(
      elementsOf(MOTO[operation].body).filter((path) => !path.endsWith(BEYOND_AWS)),
    );
  });
});

/** A value's structure: names, and types in place of values. */
function shapeOf(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(shapeOf);
  if (typeof value !== 'object' || value === null) return typeof value;
  return Object.fromEntries(Object.entries(value).map(([name, content]) => [name, shapeOf(content)]));
}

/** The path of every element of an XML document, sorted: STS's order is free. */
function elementsOf(xml: string): string[] {
  const open: string[] = [];
  const paths: string[] = [];
  for (const [, closing, name] of xml.matchAll(/<(\/?)(\w+)[^>]*>/g)) {
    if (closing) open.pop();
    else {
      open.push(name ?? '');
      paths.push(open.join('/'));
    }
  }
  return paths.sort();
}
