export {
  clientOptionsFromEnv,
  type AwsClientOptions,
  type Environment,
  type Milliseconds,
} from './connection/client-options.ts';
export type { AwsCall, CallListener } from './services/observed-call.ts';
export * from './docker/docker-config.ts';
export {
  ecrTokenProvider,
  type EcrTokenEvent,
  type EcrTokenOptions,
  type EcrTokenProvider,
} from './provider.ts';
export * from './token/token.ts';
export * from './errors/error.ts';
export {
  fromPlan,
  type CredentialProvider,
  type FromPlanOptions,
  type PlannedCredentials,
} from './identity/obtain.ts';
export type { IdentityListener, ObtainedIdentity, RoleTaken } from './identity/obtained-identity.ts';
export { describeIdentity, planIdentity, type IdentityPlan, type RoleStep } from './identity/plan.ts';
export * from './docker/registry.ts';
export type { EcrTokenRequest, EcrTokenResult } from './token/cache.ts';
