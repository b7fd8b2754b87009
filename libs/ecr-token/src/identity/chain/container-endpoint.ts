import { read, type Environment } from '../../settings/environment.ts';
import { refusal } from '../../errors/refusal.ts';

/** Where a container is to ask for credentials, and what is said when that goes wrong. */
export interface ContainerEndpoint {
  readonly url: URL;
  /** Who answers there, such as `The EKS Pod Identity agent at 169.254.170.23`. */
  readonly party: string;
  /** What to do where nobody answers. */
  readonly whereDown: string;
  /** What a 404 means, going on from `party`, and what to do then. */
  readonly unknown: { readonly what: string; readonly remedy: string };
}

const RELATIVE = 'AWS_CONTAINER_CREDENTIALS_RELATIVE_URI';
const FULL = 'AWS_CONTAINER_CREDENTIALS_FULL_URI';

/** The variables that name it. */
export const ENDPOINT_VARIABLES = [RELATIVE, FULL];

const ECS = '169.254.170.2';
const EKS = ['169.254.170.23', '[fd00:ec2::23]'];

/**
 * What the environment says; undefined where it says nothing. A URL may also hold a secret, so only its host is told.
 *
 * @throws `EcrTokenError` with `credentials-missing` for a URL that credentials are not taken from: plain HTTP is safe on
 * this machine only, and on addresses that belong to the agents of ECS and EKS
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
  return { url, ...wordsFor(url, variable) };
}

function isSafe(hostname: string): boolean {
  // `URL` writes every IPv4 address in the same way, so that nothing but an address begins with 127. and a number.
  const isLoopback =
    hostname === 'localhost' || hostname === '[::1]' || /^127(?:\.\d{1,3}){3}$/.test(hostname);
  return isLoopback || hostname === ECS || EKS.includes(hostname);
}

function wordsFor({ hostname, host }: URL, variable: string): Omit<ContainerEndpoint, 'url'> {
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
