import { isEcrTokenError, planIdentity, type IdentityPlan, type RoleStep } from '@ecr-anywhere/ecr-token';
import * as z from 'zod';
import { parseDuration } from '../duration.ts';

// The identity of a profile in the file of profiles. It names files and roles, and nothing that is secret.

/** AWS's limit for a role that is assumed from another role, in seconds. */
const LONGEST_IN_CHAIN = 3_600;

const MOST_ROLES = 5;

const path = z
  .string()
  .max(1_024)
  .regex(/^\/\P{Cc}+$/u, { error: 'expected an absolute path' });

/** An empty text would count as none, so that a role would be assumed without its external ID. */
const text = z.string().refine((given) => given !== '' && given === given.trim(), {
  error: 'expected a text without white space around it; leave the field out if there is none',
});

/** Each field of a role, and the variable that has the same form. */
const VARIABLES = {
  arn: 'AWS_ROLE_ARN',
  externalId: 'AWS_ROLE_EXTERNAL_ID',
  sessionName: 'AWS_ROLE_SESSION_NAME',
  duration: 'AWS_ROLE_DURATION_SECONDS',
} as const;

export const ROLE_FIELDS: readonly string[] = Object.keys(VARIABLES);

const role = z
  .strictObject({
    arn: z.string(),
    externalId: text.optional(),
    sessionName: text.optional(),
    duration: z.string().optional(),
  })
  .transform((fields, context): RoleStep => {
    const { arn, externalId, sessionName, duration } = fields;
    const milliseconds = duration === undefined ? undefined : (parseDuration(duration) ?? Number.NaN);
    try {
      const plan = planIdentity({
        [VARIABLES.arn]: arn,
        [VARIABLES.externalId]: externalId,
        [VARIABLES.sessionName]: sessionName,
        [VARIABLES.duration]: milliseconds === undefined ? undefined : String(milliseconds / 1_000),
      });
      const [step] = plan.roles;
      if (step !== undefined) return { ...step, sessionName };
      context.addIssue({ code: 'custom', path: ['arn'], message: 'expected the ARN of a role' });
    } catch (error) {
      if (!isEcrTokenError(error)) throw error;
      for (const { message } of error.mistakes) context.addIssue(issueOf(message));
    }
    return z.NEVER;
  });

/** @param message - begins with the variable */
function issueOf(message: string) {
  const [variable = ''] = message.split(' ');
  const field = (Object.keys(VARIABLES) as (keyof typeof VARIABLES)[]).find(
    (name) => VARIABLES[name] === variable,
  );
  const text =
    field === 'duration'
      ? 'expected a duration from 15m to 12h, such as 1h'
      : message.slice(variable.length + 1);
  return { code: 'custom' as const, path: field === undefined ? [] : [field], message: text };
}

/**
 * Who asks AWS for the tokens of a profile. The first credentials are those of `keysDirectory` or `webIdentityTokenFile`, or
 * else those of the program. The roles are assumed with them, one after the other.
 */
export const profileIdentity = z
  .strictObject({
    keysDirectory: path.optional(),
    webIdentityTokenFile: path.optional(),
    roles: z.array(role).max(MOST_ROLES).default([]),
  })
  .superRefine(({ keysDirectory, webIdentityTokenFile, roles }, context) => {
    const refuse = (field: string, message: string) =>
      context.addIssue({ code: 'custom', path: [field], message });
    if (keysDirectory !== undefined && webIdentityTokenFile !== undefined)
      refuse('keysDirectory', 'expected no webIdentityTokenFile beside it; leave one of them out');
    if (webIdentityTokenFile !== undefined && roles[0]?.externalId !== undefined)
      refuse('roles', 'expected no externalId in the first role: AWS takes none with a web identity token');
    if (webIdentityTokenFile !== undefined && roles.length === 0)
      refuse('roles', 'expected the role that is assumed with the web identity token');
    if (roles.slice(1).some(isTooLongInChain))
      refuse('roles', 'expected a duration of at most 1h for a role that is assumed from another role');
  });

export const IDENTITY_FIELDS: readonly string[] = Object.keys(profileIdentity.shape);

export type ProfileIdentity = z.output<typeof profileIdentity>;

function isTooLongInChain({ durationSeconds = 0 }: RoleStep): boolean {
  return durationSeconds > LONGEST_IN_CHAIN;
}

/**
 * Says why AWS would refuse the duration of the first role: the program assumes a role itself, so the first role of the
 * profile is assumed from another role, too. A web identity always comes with a role.
 *
 * @returns a sentence without a full stop; undefined if nothing is wrong
 */
export function chainMistake(
  { keysDirectory, webIdentityTokenFile, roles: [first] }: ProfileIdentity,
  ofProgram: IdentityPlan,
): string | undefined {
  const isOfProgram = keysDirectory === undefined && webIdentityTokenFile === undefined;
  const isChained = isOfProgram && ofProgram.roles.length > 0;
  if (first === undefined || !isChained || !isTooLongInChain(first)) return undefined;
  return 'expected a duration of at most 1h, because this role is assumed from the role in AWS_ROLE_ARN';
}

/** How the identity of a profile is obtained, and its name for the hash if the program's own identity does not give it. */
export function planOf(
  { keysDirectory, webIdentityTokenFile, roles: given }: ProfileIdentity,
  ofProgram: IdentityPlan,
): { readonly identity: IdentityPlan; readonly source?: string } {
  const { sessionName, stsRegion, environment } = ofProgram;
  const roles = given.map((step) => ({ ...step, sessionName: step.sessionName ?? sessionName }));
  const shared = { roles, warnings: [], sessionName, stsRegion, environment };
  if (keysDirectory !== undefined)
    return {
      identity: { ...shared, kind: 'keys-directory', directory: keysDirectory },
      source: `keys in ${keysDirectory}`,
    };
  if (webIdentityTokenFile !== undefined)
    return {
      identity: { ...shared, kind: 'web-identity', tokenFile: webIdentityTokenFile },
      source: `token in ${webIdentityTokenFile}`,
    };
  return { identity: { ...ofProgram, roles: [...ofProgram.roles, ...roles] } };
}
