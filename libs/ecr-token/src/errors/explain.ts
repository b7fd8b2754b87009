import type { EcrTokenErrorCode } from './error.ts';
import { explainProxy, explainUnreachable } from './explain-network.ts';
import type { ErrorFacts } from './facts.ts';
import { callerOf, partyOf, type CallContext, type Explain, type Explanation } from './service.ts';

/** One sentence on what happened and one on what to do. They are made only of facts that cannot hold a secret. */
export function explain(code: EcrTokenErrorCode, facts: ErrorFacts, context: CallContext): Explanation {
  return context.service.explanations?.[code]?.(facts, context) ?? EXPLANATIONS[code](facts, context);
}

const AGAIN = 'try again later';

const EXPLANATIONS: Readonly<Record<EcrTokenErrorCode, Explain>> = {
  'credentials-missing': explainDenied,
  'credentials-invalid': ({ name }, context) => ({
    message: `${partyOf(context)} does not accept the credentials (${name})`,
    remedy: `check the access key and its secret, and that they have not expired; where they are right, ${context.region ?? 'the region'} may be an opt-in region that the account has not enabled`,
  }),
  'identity-rejected': explainDenied,
  'role-denied': explainDenied,
  'ecr-denied': explainDenied,
  throttled: (_, context) => ({
    message: `${partyOf(context)} asks to slow down`,
    remedy: AGAIN,
  }),
  'region-unavailable': ({ name, code }, { region }) => ({
    message: `The region ${region ?? ''} cannot be used (${code || name})`,
    remedy:
      'check the region where it was set (AWS_REGION, a flag, the name of a host), and that the account has enabled it; where it is right, check DNS',
  }),
  'clock-skew': (facts, context) => ({
    message: `${partyOf(context)} says that this machine's clock is wrong${skew(facts)}`,
    remedy: 'set the clock, for example with NTP',
  }),
  network: explainNetwork,
  timeout: ({ proxy }, context) => ({
    message: `${proxy === undefined ? partyOf(context) : `The proxy ${proxy}`} did not answer ${context.operation} in time`,
    remedy: `check the network, HTTPS_PROXY and NO_PROXY; ${AGAIN}`,
  }),
  aborted: (_, { operation }) => ({ message: `${operation} was given up`, remedy: 'ask again' }),
  'bad-response': ({ status }, context) => ({
    message: `${partyOf(context)} answered ${context.operation} with something that is not an answer of AWS${status > 0 ? ` (HTTP ${status})` : ''}`,
    remedy: 'check that nothing between here and AWS rewrites answers, such as a proxy with a login page',
  }),
  'invalid-settings': explainSettings,
  service: ({ name, status }, context) => ({
    message: `${partyOf(context)} failed to answer ${context.operation} (${nameAndStatus(name, status)})`,
    remedy: AGAIN,
  }),
};

function nameAndStatus(name: string, status: number): string {
  if (status === 0) return name;
  return name === 'StatusError' ? `HTTP ${status}` : `${name}, HTTP ${status}`;
}

/** For services that have no sentence of their own for it. */
function explainDenied(facts: ErrorFacts, context: CallContext): Explanation {
  return {
    message: `${partyOf(context)} denies ${context.operation} to ${callerOf(facts, context)} (${facts.name})`,
    remedy: 'check the policies of the identity',
  };
}

function explainNetwork(facts: ErrorFacts, context: CallContext): Explanation {
  const party = partyOf(context);
  if (facts.proxy !== undefined) return explainProxy(facts, party);
  if (facts.code === 'ENOTFOUND') {
    const { host } = facts;
    const isOwn = host !== undefined && !/\.(?:amazonaws\.com(?:\.cn)?|api\.aws|on\.aws)$/.test(host);
    return {
      message: `The host name ${host === undefined ? '' : `${host} `}of ${party} does not resolve (${facts.code})`,
      remedy: isOwn
        ? 'check DNS, and the endpoint where it was set, such as in AWS_ENDPOINT_URL'
        : `check DNS, and that ${context.region ?? 'the region'} is the name of a region`,
    };
  }
  return explainUnreachable(facts.code, party);
}

function explainSettings({ name, status }: ErrorFacts, context: CallContext): Explanation {
  const { operation } = context;
  if (status >= 400) {
    return {
      message: `${partyOf(context)} does not accept the request ${operation} (${name})`,
      remedy: 'check the settings that go into it: endpoint, role, duration, external ID, session name',
    };
  }
  return {
    message: `The region or the endpoint for ${operation} cannot be used as set (${name})`,
    remedy:
      'check AWS_REGION and the variables that begin with AWS_ENDPOINT_URL; FIPS and dual-stack endpoints cannot be asked for together with an endpoint of your own',
  };
}

function skew({ clockOffset }: ErrorFacts): string {
  if (clockOffset === undefined || Math.abs(clockOffset) < 1_000) return '';
  const seconds = Math.abs(Math.round(clockOffset / 1_000));
  const amount = seconds < 120 ? `${seconds} seconds` : `${Math.round(seconds / 60)} minutes`;
  return `: it is about ${amount} ${clockOffset > 0 ? 'behind' : 'ahead'}`;
}
