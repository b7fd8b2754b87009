import { ENDPOINT_URLS, type AwsClientOptions } from '../connection/client-options.ts';
import type { Registry } from '../docker/registry.ts';
import { read, type Environment } from '../settings/environment.ts';

/**
 * What is known of the registries that a token is for. Empty if it is for the registry of the identity's own
 * account.
 */
export type RegistryTraits = Partial<Pick<Registry, 'region' | 'fips' | 'dualStack'>>;

/** How ECR and STS are reached. */
export interface Clients {
  readonly ecr: AwsClientOptions;
  readonly sts: AwsClientOptions;
}

/** The SDK refuses FIPS and dual-stack beside an endpoint that somebody sets. */
const ENDPOINTS = [ENDPOINT_URLS.ecr, ENDPOINT_URLS.all];

/**
 * How AWS is reached for a registry. Both services are asked in the region of its host. For a FIPS or a dual-stack
 * host, ECR is asked at an endpoint of that kind, unless the settings choose one. STS is not: it has FIPS endpoints in
 * fewer regions. Nor is STS asked at the endpoint that is set for ECR.
 */
export function clientsFor(
  { region, fips = false, dualStack = false }: RegistryTraits,
  settings: AwsClientOptions,
  env: Environment,
): Clients {
  const namesEndpoint =
    settings.endpoint !== undefined || ENDPOINTS.some((name) => read(env, name) !== undefined);
  const chosen = (byHost: boolean) => (byHost && !namesEndpoint ? true : undefined);
  const both = { ...settings, region: region ?? settings.region };
  return {
    ecr: {
      ...both,
      useFipsEndpoint: settings.useFipsEndpoint ?? chosen(fips),
      useDualstackEndpoint: settings.useDualstackEndpoint ?? chosen(dualStack),
    },
    sts: { ...both, endpoint: undefined },
  };
}
