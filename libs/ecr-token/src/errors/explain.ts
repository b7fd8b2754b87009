import type { EcrTokenErrorCode } from './error.ts';
import type { CallContext } from './classify.ts';
import type { ErrorFacts } from './facts.ts';
import { explainCredentials } from './explain-credentials.ts';
import { explainProxy, explainUnreachable } from './explain-network.ts';
import { couldNotFetchKeys } from '../services/issuer-keys.ts';

/** What a person reads of an error. */
export interface Explanation {
  /** What happened, to what. */
  readonly message: string;
  /** What to do about it. */
  readonly remedy: string;
  /** Whether waiting may help, where it is not what is usual for the code. */
  readonly transient?: boolean | undefined;
}

/** One sentence on what happened and one on what to do, made of facts that can hold no secret. */
export function explain(code: EcrTokenErrorCode, facts: ErrorFacts, context: CallContext): Explanation {
  return EXPLANATIONS[code](facts, context);
}

type Explain = (facts: ErrorFacts, context: CallContext) => Explanation;

const AGAIN = 'try again later';

const EXPLANATIONS: Readonly<Record<EcrTokenErrorCode, Explain>> = {
  'credentials-missing': explainCredentials,
  'credentials-invalid': ({ name }, context) => ({
    message: `${partyOf(context)} does not accept the credentials (${name})`,
    remedy: `check the access key and its secret, and that they have not expired; where they are right, ${context.region ?? 'the region'} may be an opt-in region that the account has not enabled`,
  }),
  'identity-rejected': ({ name }, { roleArn }) => ({
    message: `STS does not accept the web identity token for ${roleArn ?? 'the role'} (${name})`,
    remedy:
      "check that the token is fresh, that IAM knows its issuer, and that the role's trust policy allows its subject and audience",
  }),
  'role-denied': explainRoleDenied,
  'ecr-denied': (facts, context) => ({
    message: `${partyOf(context)} denies ecr:GetAuthorizationToken to ${callerOf(facts, context) ?? 'the credentials at hand'}`,
    remedy:
      'allow ecr:GetAuthorizationToken on Resource "*" (it takes no narrower one) in a policy of the identity',
  }),
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
    message: `${partyOf(context)} answered ${context.operation} with something that is no answer${status > 0 ? ` (HTTP ${status})` : ''}`,
    remedy: 'check that nothing between here and AWS rewrites answers, such as a proxy with a login page',
  }),
  'invalid-settings': explainSettings,
  service: explainService,
};

function partyOf({ service, region, party }: CallContext): string {
  if (party !== undefined) return party;
  if (service === 'credentials') return 'The source of credentials';
  return `${service.toUpperCase()}${region === undefined ? '' : ` in ${region}`}`;
}

/** Known, or named by AWS: "User: arn:… is not authorized to perform: …". */
function callerOf({ message }: ErrorFacts, { callerArn }: CallContext): string | undefined {
  return callerArn ?? /^User: (arn:[\w+=,.@:/-]+) is not authorized/.exec(message)?.[1];
}

function explainRoleDenied(facts: ErrorFacts, context: CallContext): Explanation {
  const { operation, roleArn } = context;
  if (operation === 'AssumeRoleWithWebIdentity') {
    return {
      message: `The role ${roleArn ?? 'asked for'} may not be assumed with the web identity token`,
      remedy:
        "check that the role exists, and that its trust policy names the token's issuer and allows its subject and audience",
    };
  }
  const caller = callerOf(facts, context) ?? 'the credentials at hand';
  if (operation !== 'AssumeRole') {
    return {
      message: `STS denies ${operation} to ${caller}`,
      remedy: `allow sts:${operation} to the caller`,
    };
  }
  return {
    message: `The role ${roleArn ?? 'asked for'} may not be assumed by ${caller}`,
    remedy:
      "check that the role exists; allow sts:AssumeRole to the caller, and the caller (and the external ID, where one is asked for) in the role's trust policy; set ECR_TOKEN_ASSUME_ROLE=sdk-default if the role was never meant to be assumed",
  };
}

function explainService({ name, status, message }: ErrorFacts, context: CallContext): Explanation {
  if (couldNotFetchKeys(name, message)) {
    return {
      message: `${partyOf(context)} could not fetch the keys of the web identity token's issuer (${name})`,
      remedy: `${AGAIN}; where that does not help, check that AWS can reach the issuer's /.well-known/openid-configuration and the keys that it names`,
    };
  }
  return {
    message: `${partyOf(context)} failed to answer ${context.operation} (${name}${status > 0 ? `, HTTP ${status}` : ''})`,
    remedy: AGAIN,
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

function explainSettings({ name, status, message }: ErrorFacts, context: CallContext): Explanation {
  const { operation } = context;
  if (/DurationSeconds exceeds/.test(message)) {
    return {
      message: `The role ${context.roleArn ?? ''} does not allow sessions as long as asked for`,
      remedy:
        'lower AWS_ROLE_DURATION_SECONDS (3600 where the role is assumed from another role), or raise the maximum session duration of the role',
    };
  }
  if (status >= 400) {
    return {
      message: `${partyOf(context)} does not accept the request ${operation} (${name})`,
      remedy: 'check the settings that go into it: endpoint, role, duration, external ID, session name',
    };
  }
  if (/region is missing/i.test(message)) {
    return {
      message: 'No AWS region is set',
      remedy: 'set AWS_REGION to the region in the names of the images',
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
