export { clientOptionsFromEnv, type AwsClientOptions } from './connection/client-options.ts';
export * from './docker/docker-config.ts';
export * from './docker/registry.ts';
export * from './errors/error.ts';
export type { RoleTaken } from './identity/exchange/obtained.ts';
export { fromPlan, type FromPlanOptions } from './identity/from-plan.ts';
export type { IdentityListener, ObtainedIdentity } from './identity/obtained-identity.ts';
export { describeIdentity, planIdentity, type IdentityPlan } from './identity/plan.ts';
export {
  ecrTokenProvider,
  type EcrTokenEvent,
  type EcrTokenOptions,
  type EcrTokenProvider,
} from './provider.ts';
export type { CredentialProvider } from './services/ecr.ts';
export type { AwsCall, CallListener } from './services/observed-call.ts';
export type { RoleStep } from './services/sts.ts';
export type { Environment } from './settings/environment.ts';
export type { Milliseconds } from './settings/milliseconds.ts';
export type { EcrTokenRequest, EcrTokenResult } from './token/cache.ts';
export * from './token/token.ts';
