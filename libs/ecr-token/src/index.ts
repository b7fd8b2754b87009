export {
  clientOptionsFromEnv,
  type AwsClientOptions,
  type Environment,
  type Milliseconds,
} from './aws/client-options.ts';
export type { AwsCall, CallListener } from './aws/observed-call.ts';
export * from './docker-config.ts';
export {
  ecrTokenProvider,
  type EcrTokenEvent,
  type EcrTokenOptions,
  type EcrTokenProvider,
} from './ecr-token-provider.ts';
export * from './ecr-token.ts';
export * from './errors.ts';
export {
  fromPlan,
  type CredentialProvider,
  type FromPlanOptions,
  type PlannedCredentials,
} from './identity/from-plan.ts';
export type { IdentityListener, ObtainedIdentity, RoleTaken } from './identity/obtained-identity.ts';
export {
  describeIdentity,
  planIdentity,
  type IdentityPlan,
  type RoleStep,
} from './identity/plan-identity.ts';
export * from './registry.ts';
export type { EcrTokenRequest, EcrTokenResult } from './token-cache.ts';
