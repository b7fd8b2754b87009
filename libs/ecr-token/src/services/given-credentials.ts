import type { EcrTokenErrorCode } from '../errors/error.ts';
import type { ErrorFacts } from '../errors/facts.ts';
import type { Explanation, Service } from '../errors/service.ts';
import { STS } from './sts-errors.ts';

/** The errors of the SDK's credential providers. Their causes differ in the wording alone. */
const PROVIDER_ERRORS = new Set(['CredentialsProviderError', 'TokenProviderError', 'ProviderError']);

/** A credential provider that a program has given, and how its errors are read. The sources of our own tell more. */
export const GIVEN_CREDENTIALS: Service = {
  ...STS, // which many providers call
  name: 'credentials',
  party: 'The credential provider that was given',
  unknown: 'credentials-missing',
  codeOf: (facts, context) =>
    PROVIDER_ERRORS.has(facts.name) ? fromWording(facts) : STS.codeOf?.(facts, context),
  explanations: {
    ...STS.explanations,
    'credentials-missing': explain,
    'role-denied': ({ name }) => ({
      message: `AWS denied a call of the credential provider that was given (${name})`,
      remedy: REMEDY,
    }),
  },
};

function fromWording({ message }: ErrorFacts): EcrTokenErrorCode {
  if (/\b(?:ECONN[A-Z]+|ENOTFOUND|EAI_AGAIN|EPIPE|ENETUNREACH|EHOSTUNREACH|EPROXY)\b/.test(message))
    return 'network';
  return /\bTimeoutError\b|\bETIMEDOUT\b/.test(message) ? 'timeout' : 'credentials-missing';
}

const REMEDY =
  'call the provider alone, in the same environment: its own error says more than may be repeated here';

const FOUND_NOTHING: Explanation = {
  message: 'The credential provider that was given has no credentials',
  remedy: REMEDY,
};

// The message that is matched may also hold a command line, or what the command printed.
const CASES: readonly (readonly [RegExp, Explanation])[] = [
  [
    /SSO session|aws sso login|Token is expired/,
    {
      message: 'The SSO session of the AWS profile has expired or is missing',
      remedy: 'run "aws sso login" with the profile; for a server, use credentials that renew themselves',
    },
  ],
  [
    /credential_process (?:returned|did not return)|Command failed/,
    {
      message: 'The credential_process of the AWS profile failed or printed no credentials',
      remedy:
        'run the command by hand, as the same user and in the same environment; it must print JSON with Version 1',
    },
  ],
  [
    /multi-factor/,
    {
      message: 'The AWS profile asks for a multi-factor code, which nobody can enter here',
      remedy: 'use a profile without mfa_serial',
    },
  ],
];

function explain({ code, message }: ErrorFacts): Explanation {
  if (/^E(?:NOENT|ACCES|ISDIR|PERM)$/.test(code)) {
    return {
      message: `A file that should hold AWS credentials cannot be read (${code})`,
      remedy:
        'check the variables and the profile settings that name files, and the volumes that they are mounted from',
    };
  }
  return CASES.find(([pattern]) => pattern.test(message))?.[1] ?? FOUND_NOTHING;
}
