import type { AwsCredentialIdentity } from '@aws-sdk/types';
import { setTimeout as sleep } from 'node:timers/promises';
import { read, type Environment } from '../../settings/environment.ts';
import type { Milliseconds } from '../../settings/milliseconds.ts';
import { errorFacts } from '../../errors/facts.ts';
import { explainUnreachable } from '../../errors/explain-network.ts';
import { askMetadata, type MetadataAnswer } from '../../connection/metadata-request.ts';
import { isEcrTokenError, type EcrTokenError } from '../../errors/error.ts';
import { readSmallFile, type UnreadableFileError } from '../../settings/small-file.ts';
import { refusal } from '../../errors/refusal.ts';
import { containerEndpoint, ENDPOINT_VARIABLES, type ContainerEndpoint } from './container-endpoint.ts';
import { metadataCredentials } from './metadata-credentials.ts';
import { absent, type CredentialSource } from './link.ts';

const TOKEN_FILE = 'AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE';
const TOKEN = 'AWS_CONTAINER_AUTHORIZATION_TOKEN';

/** As the AWS CLI does, with a shorter pause: whoever waits is the API server. */
const ATTEMPTS = 3;
const PAUSE: Milliseconds = 500;

/** The role of a container: ECS, EKS Pod Identity, or anything that answers like them. */
export const container: CredentialSource = {
  kind: 'container',
  reads: [...ENDPOINT_VARIABLES, TOKEN_FILE],
  async obtain({ env, limit }) {
    const endpoint = containerEndpoint(env);
    if (endpoint === undefined) return absent();
    for (let attempt = 1; ; attempt++) {
      try {
        // All attempts and pauses fit into the limit.
        return { credentials: await ask(endpoint, env, limit / 5), source: 'container metadata', roles: [] };
      } catch (error) {
        if (!isEcrTokenError(error) || !error.transient || attempt === ATTEMPTS) throw error;
        await sleep(PAUSE);
      }
    }
  },
};

async function ask(
  endpoint: ContainerEndpoint,
  env: Environment,
  limit: Milliseconds,
): Promise<AwsCredentialIdentity> {
  const authorization = await authorizationToken(env);
  const headers = { accept: 'application/json', ...(authorization !== undefined && { authorization }) };
  const answer = await askMetadata(endpoint.url, headers, limit).catch((error: unknown) => {
    throw unreachable(error, endpoint, limit);
  });
  const credentials = answer.status === 200 ? metadataCredentials(answer.body) : undefined;
  if (credentials === undefined) throw refused(answer, endpoint);
  return credentials;
}

/** @throws `EcrTokenError` with `credentials-missing` that names the variable and the file */
async function authorizationToken(env: Environment): Promise<string | undefined> {
  const file = read(env, TOKEN_FILE);
  if (file === undefined) return inHeader(read(env, TOKEN), TOKEN);
  const remedy = 'check the volume that the token is projected into';
  try {
    const token = (await readSmallFile(file)).trim();
    if (token === '')
      throw refusal('credentials-missing', `${TOKEN_FILE} names ${file}, which is empty`, remedy);
    return inHeader(token, TOKEN_FILE);
  } catch (error) {
    if (isEcrTokenError(error)) throw error;
    const { reason } = error as UnreadableFileError;
    throw refusal('credentials-missing', `${TOKEN_FILE} names ${file}, which ${reason}`, remedy);
  }
}

function inHeader(token: string | undefined, variable: string): string | undefined {
  if (token === undefined || /^[\t\x20-\x7e]+$/.test(token)) return token;
  throw refusal(
    'credentials-missing',
    `The token of ${variable} holds a line break, or another character that no HTTP header can hold`,
    `correct what ${variable} holds or names`,
  );
}

function unreachable(
  error: unknown,
  { party, whereDown }: ContainerEndpoint,
  limit: Milliseconds,
): EcrTokenError {
  const { name, code } = errorFacts(error);
  if (name === 'TimeoutError') {
    return refusal('timeout', `${party} did not answer within ${limit / 1000} s`, whereDown);
  }
  const { message, transient } = explainUnreachable(code, party);
  const remedy =
    transient === false
      ? 'check its URL and its certificate; NODE_EXTRA_CA_CERTS adds authorities'
      : whereDown;
  return refusal('network', message, remedy, transient);
}

function refused(
  { status }: MetadataAnswer,
  { party, whereDown, unknown }: ContainerEndpoint,
): EcrTokenError {
  const told = (what: string) => `${party} ${what} (HTTP ${status})`;
  if (status === 404) return refusal('credentials-missing', told(unknown.what), unknown.remedy);
  if (status === 429) return refusal('throttled', told('asks to slow down'), 'try again later');
  if (status >= 500) return refusal('service', told('failed'), `${whereDown}; try again later`);
  if (status === 200)
    return refusal('bad-response', told('answered with something that is no credentials'), whereDown);
  return refusal(
    'credentials-missing',
    told('refuses to give credentials'),
    `check the token in ${TOKEN_FILE} or ${TOKEN}, and that the workload has a role`,
  );
}
