import { CarriedEnvironment } from '../settings/carried-environment.ts';
import { read, type Environment } from '../settings/environment.ts';
import { TOKEN_FILE } from './chain/web-identity.ts';
import { ENV, roleSettings } from './exchange/role-settings.ts';
import { sourceOf, SOURCES, type SourcePlan } from './sources/index.ts';
import type { SharedPlan } from './sources/source.ts';

/**
 * How an identity will be obtained. {@link planIdentity} makes it; a token provider or `fromPlan` carries it out.
 * `kind` is the source of the credentials.
 */
export type IdentityPlan = SharedPlan & SourcePlan;

/**
 * Decides how an identity will be obtained. It reads only `env`: no file, no network.
 *
 * `AWS_ROLE_ARN` always means that this role is assumed: with `AWS_WEB_IDENTITY_TOKEN_FILE` through
 * AssumeRoleWithWebIdentity, otherwise through AssumeRole from whatever credentials there are. The AWS SDKs ignore the
 * role beside static keys; so does `ECR_TOKEN_ASSUME_ROLE=sdk-default`.
 *
 * `ECR_TOKEN_KEYS_DIR` names a directory whose files are read each time keys are needed, so that they may change.
 *
 * @throws `EcrTokenError` with `invalid-settings`; its `mistakes` name every variable that is wrong.
 */
export function planIdentity(env: Environment): IdentityPlan {
  const { assumes, roleArn, sessionName, stsRegion, ...settings } = roleSettings(env);
  const roles = roleArn === undefined ? [] : [{ roleArn, sessionName, ...settings }];
  const environment = new CarriedEnvironment(env);
  const warnings: string[] = [];
  for (const source of SOURCES) {
    const planned = source.plan(env, roles);
    warnings.push(...(planned.warnings ?? []));
    if (planned.plan === undefined) continue;
    warnings.push(...losers(env, source.chosenBy));
    if (!assumes && !source.assumesRoleItself?.(env)) warnings.push(...ignoredRole(env));
    return { ...planned.plan, roles, warnings, sessionName, stsRegion, environment };
  }
  throw new Error('The last source takes every environment');
}

/** The plan in one line for a log. Never contains a key. */
export function describeIdentity(plan: IdentityPlan): string {
  const roles = plan.roles.map(({ roleArn }) => `, assuming ${roleArn}`).join('');
  return sourceOf(plan).describe(plan) + roles;
}

/** One warning for each variable that would choose a source, but comes after the variable that has chosen it. */
function losers(env: Environment, chosenBy: readonly string[]): string[] {
  const set = SOURCES.flatMap((source) => source.chosenBy).filter((name) => read(env, name) !== undefined);
  const winner = set.find((name) => chosenBy.includes(name));
  if (winner === undefined) return [];
  return set
    .slice(set.indexOf(winner) + 1)
    .filter((name) => read(env, name) !== read(env, winner)) // both may name the same profile
    .map((name) => `${name} is not used for credentials: ${winner} comes first`);
}

function ignoredRole(env: Environment): string[] {
  if (read(env, ENV.roleArn) === undefined) return [];
  return [
    `${ENV.roleArn} is ignored, as ${ENV.assumeRole}=sdk-default asks: the AWS SDK takes it only with ${TOKEN_FILE} and without static keys`,
  ];
}
