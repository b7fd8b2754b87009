import { explainUnreachable } from '../../errors/explain-network.ts';
import { refusal } from '../../errors/refusal.ts';
import type { Service } from '../../errors/service.ts';
import { read, type Environment } from '../../settings/environment.ts';

/** Where a container asks for credentials. */
export interface ContainerEndpoint {
  readonly url: URL;
  /** Who answers there, and how its errors are read. */
  readonly service: Service;
}

const RELATIVE = 'AWS_CONTAINER_CREDENTIALS_RELATIVE_URI';
const FULL = 'AWS_CONTAINER_CREDENTIALS_FULL_URI';

/** The variables that name it. */
export const ENDPOINT_VARIABLES = [RELATIVE, FULL];

/** The variables that hold or name the authorization token. */
export const AUTHORIZATION = {
  tokenFile: 'AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE',
  token: 'AWS_CONTAINER_AUTHORIZATION_TOKEN',
} as const;

const ECS = '169.254.170.2';
const EKS = ['169.254.170.23', '[fd00:ec2::23]'];

/**
 * The endpoint that the environment names; undefined if it names none. Messages contain only the host of a URL,
 * because the rest may hold a secret.
 *
 * @throws `EcrTokenError` with `credentials-missing` for a URL that is not safe. Plain HTTP is safe only on this
 * machine and at the addresses of the ECS and EKS agents.
 */
export function containerEndpoint(env: Environment): ContainerEndpoint | undefined {
  const relative = read(env, RELATIVE);
  const text = relative === undefined ? read(env, FULL) : `http://${ECS}${relative}`;
  if (text === undefined) return undefined;
  const variable = relative === undefined ? FULL : RELATIVE;
  if (!URL.canParse(text)) {
    throw refusal('credentials-missing', `${variable} is not a URL`, `correct or unset ${variable}`);
  }
  const url = new URL(text);
  if (url.protocol !== 'https:' && !(url.protocol === 'http:' && isSafe(url.hostname))) {
    throw refusal(
      'credentials-missing',
      `${variable} names ${url.host || 'a host'}, from which credentials are not taken`,
      'use HTTPS, loopback, or the addresses of the ECS and EKS agents',
    );
  }
  return { url, service: serviceOf(agentAt(url, variable)) };
}

function isSafe(hostname: string): boolean {
  // `URL` normalises IPv4 addresses, so only an address has this form.
  const isLoopback =
    hostname === 'localhost' || hostname === '[::1]' || /^127(?:\.\d{1,3}){3}$/.test(hostname);
  return isLoopback || hostname === ECS || EKS.includes(hostname);
}

/** Who answers at an endpoint, in words. */
interface Agent {
  /** Such as `The EKS Pod Identity agent at 169.254.170.23`. */
  readonly party: string;
  /** What to do if nobody answers. */
  readonly whereDown: string;
  /** What a 404 means, as the rest of a sentence after `party`, and what to do about it. */
  readonly unknown: { readonly what: string; readonly remedy: string };
}

function agentAt({ hostname, host }: URL, variable: string): Agent {
  if (EKS.includes(hostname)) {
    return {
      party: `The EKS Pod Identity agent at ${host}`,
      whereDown: 'check that eks-pod-identity-agent runs on the node of this pod',
      unknown: {
        what: 'knows no association for this pod',
        remedy:
          'associate a role with the namespace and the service account of the pod (aws eks create-pod-identity-association)',
      },
    };
  }
  if (hostname === ECS) {
    return {
      party: `The ECS agent at ${host}`,
      whereDown: 'check the ECS agent of the instance',
      unknown: { what: 'has no role for this task', remedy: 'give the task definition a task role' },
    };
  }
  return {
    party: `The container metadata endpoint at ${host}`,
    whereDown: `check ${variable}, and what should answer there`,
    unknown: {
      what: 'has no credentials for this workload',
      remedy: `check ${variable}, and that the workload has a role`,
    },
  };
}

function serviceOf({ party, whereDown, unknown }: Agent): Service {
  return {
    name: 'container',
    party,
    denied: 'credentials-missing',
    refused: 'credentials-missing',
    explanations: {
      'credentials-missing': ({ status }) =>
        status === 404
          ? { message: `${party} ${unknown.what} (HTTP 404)`, remedy: unknown.remedy }
          : {
              message: `${party} refuses to give credentials (HTTP ${status})`,
              remedy: `check the token in ${AUTHORIZATION.tokenFile} or ${AUTHORIZATION.token}, and that the workload has a role`,
            },
      service: ({ status }) => ({
        message: `${party} failed (HTTP ${status})`,
        remedy: `${whereDown}; try again later`,
      }),
      'bad-response': ({ status }) => ({
        message: `${party} answered with something that is not credentials (HTTP ${status})`,
        remedy: whereDown,
      }),
      timeout: () => ({ message: `${party} did not answer in time`, remedy: whereDown }),
      network: ({ code }) => {
        const { message, transient } = explainUnreachable(code, party);
        const remedy =
          transient === false
            ? 'check its URL and its certificate; NODE_EXTRA_CA_CERTS adds authorities'
            : whereDown;
        return { message, remedy, transient };
      },
    },
  };
}
