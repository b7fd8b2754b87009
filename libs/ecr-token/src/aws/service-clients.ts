import { readAll } from '../read-all.ts';
import { endpointOf, privateRegistry } from '../registry.ts';
import { clientOptionsFromEnv, read, type AwsClientOptions, type Environment } from './client-options.ts';

/** How the two services are reached. */
export interface ServiceClients {
  readonly ecr: AwsClientOptions;
  readonly sts: AwsClientOptions;
}

/**
 * How ECR and STS are reached for tokens: by what is given, and of the rest by what the environment says. A registry
 * decides the region. That its host is FIPS or dual-stack counts for ECR alone, and only where nothing else is said about
 * endpoints: the SDK takes none of the two beside an endpoint that is named.
 *
 * @throws `EcrTokenError` with `invalid-settings`
 */
export function serviceClients(
  {
    registry,
    client = {},
  }: { readonly registry?: string | undefined; readonly client?: AwsClientOptions | undefined },
  env: Environment,
): ServiceClients {
  const { endpoint, reached } = readAll({
    endpoint: () => (registry === undefined ? {} : endpointOf(privateRegistry(registry))),
    reached: () => clientOptionsFromEnv(env, client),
  });
  const ecr = { ...reached, region: endpoint.region ?? reached.region };
  // An endpoint that was given for ECR is none of STS's.
  const sts = { ...ecr, endpoint: undefined };
  if (ecr.endpoint !== undefined || ENDPOINTS.some((name) => read(env, name) !== undefined))
    return { ecr, sts };
  return {
    sts,
    ecr: {
      ...ecr,
      useFipsEndpoint: ecr.useFipsEndpoint ?? endpoint.useFipsEndpoint,
      useDualstackEndpoint: ecr.useDualstackEndpoint ?? endpoint.useDualstackEndpoint,
    },
  };
}

/** Read by the SDK itself. */
const ENDPOINTS = ['AWS_ENDPOINT_URL_ECR', 'AWS_ENDPOINT_URL'];
