import type { ErrorFacts } from '../errors/facts.ts';
import { callerOf, partyOf, type CallContext, type Explanation, type Service } from '../errors/service.ts';
import { couldNotFetchKeys } from './issuer-keys.ts';

const WEB_IDENTITY = 'AssumeRoleWithWebIdentity';

/** STS, and how its errors are read. */
export const STS: Service = {
  name: 'sts',
  party: 'STS',
  denied: 'role-denied',
  codes: {
    InvalidIdentityToken: 'identity-rejected',
    IDPRejectedClaim: 'identity-rejected',
    IDPCommunicationError: 'service',
  },
  codeOf({ name, message }, { operation }) {
    if (couldNotFetchKeys(name, message)) return 'service';
    // The token that has ended is the web identity token: this call is not signed.
    return /^ExpiredToken/.test(name) && operation === WEB_IDENTITY ? 'identity-rejected' : undefined;
  },
  explanations: {
    'identity-rejected': ({ name }, { roleArn }) => ({
      message: `STS does not accept the web identity token for ${roleArn ?? 'the role'} (${name})`,
      remedy:
        "check that the token is fresh, that IAM knows its issuer, and that the role's trust policy allows its subject and audience",
    }),
    'role-denied': explainDenied,
    'invalid-settings': explainSettings,
    service: explainService,
  },
};

function explainDenied(facts: ErrorFacts, context: CallContext): Explanation {
  const { operation, roleArn = 'asked for' } = context;
  const caller = callerOf(facts, context);
  switch (operation) {
    case WEB_IDENTITY:
      return {
        message: `The role ${roleArn} may not be assumed with the web identity token`,
        remedy:
          "check that the role exists, and that its trust policy names the token's issuer and allows its subject and audience",
      };
    case 'AssumeRole':
      return {
        message: `The role ${roleArn} may not be assumed by ${caller}`,
        remedy:
          "check that the role exists; allow sts:AssumeRole to the caller, and the caller (and the external ID, where one is asked for) in the role's trust policy; set ECR_TOKEN_ASSUME_ROLE=sdk-default if the role was never meant to be assumed",
      };
    default:
      return {
        message: `STS denies ${operation} to ${caller}`,
        remedy: `allow sts:${operation} to the caller`,
      };
  }
}

function explainSettings({ message }: ErrorFacts, { roleArn = '' }: CallContext): Explanation | undefined {
  if (!/DurationSeconds exceeds/.test(message)) return undefined;
  return {
    message: `The role ${roleArn} does not allow sessions as long as asked for`,
    remedy:
      'lower the duration where it was set, such as in AWS_ROLE_DURATION_SECONDS (3600 if the role is assumed from another role), or raise the maximum session duration of the role',
  };
}

function explainService({ name, message }: ErrorFacts, context: CallContext): Explanation | undefined {
  if (!couldNotFetchKeys(name, message)) return undefined;
  return {
    message: `${partyOf(context)} could not fetch the keys of the web identity token's issuer (${name})`,
    remedy:
      "try again later; if that does not help, check that AWS can reach the issuer's /.well-known/openid-configuration and the keys that it names",
  };
}
