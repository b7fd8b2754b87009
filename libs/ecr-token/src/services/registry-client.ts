import type { Registry } from '../docker/registry.ts';
import { read, type Environment } from '../settings/environment.ts';
import { ENDPOINT_URLS, type AwsClientOptions } from '../connection/client-options.ts';

/** What is known of the registries that a token is for; nothing, where it is for the identity's own. */
export type RegistryTraits = Partial<Pick<Registry, 'region' | 'fips' | 'dualStack'>>;

/** With an endpoint of somebody's own the SDK refuses to choose FIPS or dual-stack. */
const ENDPOINTS = [ENDPOINT_URLS.ecr, ENDPOINT_URLS.all];

/**
 * How ECR is reached for a registry: in the region of its host, and for a FIPS or dual-stack host at such an endpoint.
 * If the settings choose FIPS, dual-stack or an endpoint, they win. The host never chooses the endpoint of STS: it has FIPS
 * endpoints in fewer regions.
 */
export function registryClient(
  settings: AwsClientOptions,
  { region, fips = false, dualStack = false }: RegistryTraits,
  env: Environment,
): AwsClientOptions {
  const namesEndpoint =
    settings.endpoint !== undefined || ENDPOINTS.some((name) => read(env, name) !== undefined);
  const chosen = (byHost: boolean) => (byHost && !namesEndpoint ? true : undefined);
  return {
    ...settings,
    region: region ?? settings.region,
    useFipsEndpoint: settings.useFipsEndpoint ?? chosen(fips),
    useDualstackEndpoint: settings.useDualstackEndpoint ?? chosen(dualStack),
  };
}

/** How ECR and STS are reached for a registry. */
export interface Clients {
  readonly ecr: AwsClientOptions;
  readonly sts: AwsClientOptions;
}

/** STS is asked in the region of the registry, but neither at the endpoint of ECR nor at the kind of endpoint of the host. */
export function clientsFor(registry: RegistryTraits, settings: AwsClientOptions, env: Environment): Clients {
  const ecr = registryClient(settings, registry, env);
  return { ecr, sts: { ...settings, region: ecr.region, endpoint: undefined } };
}
