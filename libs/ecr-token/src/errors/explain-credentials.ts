import type { ErrorFacts } from './facts.ts';
import type { Explanation } from './explain.ts';

const FOUND_NOTHING: Explanation = {
  message: 'The credential provider that was given has no credentials',
  remedy:
    'call the provider by itself, in the same environment: what it throws says more than may be repeated here',
};

// The SDK tells these apart by the wording of a message that may also hold a command line or what it printed.
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

/**
 * Why a provider of the AWS SDK's that a program gave has no credentials, as far as the wording tells. The sources of our
 * own tell by themselves.
 */
export function explainCredentials({ code, message }: ErrorFacts): Explanation {
  if (/^E(?:NOENT|ACCES|ISDIR|PERM)$/.test(code)) {
    return {
      message: `A file that should hold AWS credentials cannot be read (${code})`,
      remedy:
        'check the variables and the profile settings that name files, and the volumes that they are mounted from',
    };
  }
  return CASES.find(([pattern]) => pattern.test(message))?.[1] ?? FOUND_NOTHING;
}
