import type { ErrorFacts } from './error-facts.ts';
import type { Explanation } from './explain-error.ts';

const FOUND_NOTHING: Explanation = {
  message: 'No AWS credentials were found',
  remedy:
    'set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, a profile (and AWS_PROFILE to its name), a web identity or another source that the AWS SDK knows',
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
  [
    /URL not accepted|not a valid container metadata/,
    {
      message: 'AWS_CONTAINER_CREDENTIALS_FULL_URI names a host that credentials are not taken from',
      remedy: 'use HTTPS, loopback, or the addresses of the ECS and EKS agents',
    },
  ],
  [
    /remoteProvider::fromHttp|Server responded with status|Authorization token contains/,
    {
      message: 'The container metadata endpoint gave no credentials',
      remedy:
        'check AWS_CONTAINER_CREDENTIALS_FULL_URI, its authorization token, and that the workload has a role',
    },
  ],
];

/** Why there are no credentials, as far as the SDK's wording tells. */
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
