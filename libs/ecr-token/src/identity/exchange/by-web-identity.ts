import type { RoleStep, Sts } from '../../services/sts.ts';
import type { Obtained } from './obtained.ts';

/**
 * Exchanges a web identity token for a session of a role, with AssumeRoleWithWebIdentity.
 *
 * @param readToken - where the token comes from; it is read for each exchange, because its issuer renews it
 * @throws `EcrTokenError`
 */
export async function byWebIdentity(
  readToken: () => Promise<string>,
  role: RoleStep,
  sts: Sts,
): Promise<Obtained> {
  const credentials = await sts.assumeRoleWithWebIdentity(role, await readToken());
  return { credentials, roles: [{ roleArn: role.roleArn, outcome: 'assumed' }] };
}
