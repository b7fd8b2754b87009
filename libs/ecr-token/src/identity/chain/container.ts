import type { AwsCredentialIdentity } from '@aws-sdk/types';
import { setTimeout as sleep } from 'node:timers/promises';
import { askMetadata } from '../../connection/metadata-request.ts';
import { isEcrTokenError } from '../../errors/error.ts';
import { refusal } from '../../errors/refusal.ts';
import { StatusError } from '../../errors/status-error.ts';
import { toEcrTokenError } from '../../errors/to-ecr-token-error.ts';
import { read, type Environment } from '../../settings/environment.ts';
import type { Milliseconds } from '../../settings/milliseconds.ts';
import { readSmallFile, type UnreadableFileError } from '../../settings/small-file.ts';
import {
  AUTHORIZATION,
  containerEndpoint,
  ENDPOINT_VARIABLES,
  type ContainerEndpoint,
} from './container-endpoint.ts';
import { absent, type ChainLink } from './link.ts';
import { metadataCredentials } from './metadata-credentials.ts';

const { tokenFile: TOKEN_FILE, token: TOKEN } = AUTHORIZATION;

/** As many as the AWS CLI makes, with a shorter pause, because an API server may be waiting. */
const ATTEMPTS = 3;
const PAUSE: Milliseconds = 500;

/** The role of a container: of ECS, of EKS Pod Identity, or of any endpoint that answers like them. */
export const container: ChainLink = {
  reads: [...ENDPOINT_VARIABLES, TOKEN_FILE],
  async obtain({ env, limit }) {
    const endpoint = containerEndpoint(env);
    if (endpoint === undefined) return absent();
    for (let attempt = 1; ; attempt++) {
      try {
        // So that all attempts and pauses fit into the limit.
        return { credentials: await ask(endpoint, env, limit / 5), source: 'container metadata', roles: [] };
      } catch (error) {
        if (!isEcrTokenError(error) || !error.transient || attempt === ATTEMPTS) throw error;
        await sleep(PAUSE);
      }
    }
  },
};

async function ask(
  { url, service }: ContainerEndpoint,
  env: Environment,
  limit: Milliseconds,
): Promise<AwsCredentialIdentity> {
  const authorization = await authorizationToken(env);
  const headers = { accept: 'application/json', ...(authorization !== undefined && { authorization }) };
  try {
    const { status, body } = await askMetadata(url, headers, limit);
    const credentials = status === 200 ? metadataCredentials(body) : undefined;
    if (credentials === undefined) throw new StatusError(status);
    return credentials;
  } catch (error) {
    throw toEcrTokenError(error, { service, operation: 'the request for credentials' });
  }
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
