import { EcrTokenError } from '../errors/error.ts';

/** The parts of a registry host of Amazon ECR. */
export interface Registry {
  /** The host as given, in lower case, without a port. */
  readonly host: string;
  /** Whether it is ECR Public, whose API is always in us-east-1. */
  readonly public: boolean;
  /** Twelve digits; ECR Public has none. */
  readonly account?: string;
  /** The region that its tokens come from. */
  readonly region: string;
  /** Such as `aws` or `aws-cn`. */
  readonly partition: string;
  /** Whether it is a FIPS host, whose cryptography is validated by FIPS 140. */
  readonly fips: boolean;
  /** Whether it is also reached over IPv6. */
  readonly dualStack: boolean;
}

// The forms that the AWS tools accept: amazon-ecr-credential-helper and cloud-provider-aws.
const PRIVATE = /^(\d{12})\.dkr([.-])ecr(-fips)?\.([a-z0-9]+(?:-[a-z0-9]+)+)\.(.+)$/;
const PARTITIONS: Readonly<Record<string, string>> = {
  'amazonaws.com': 'aws',
  'amazonaws.com.cn': 'aws-cn',
  'amazonaws.eu': 'aws-eusc',
  'on.aws': 'aws',
  'on.amazonwebservices.com.cn': 'aws-cn',
  'sc2s.sgov.gov': 'aws-iso-b',
  'c2s.ic.gov': 'aws-iso',
  'cloud.adc-e.uk': 'aws-iso-e',
  'csp.hci.ic.gov': 'aws-iso-f',
};
const DUAL_STACK: ReadonlySet<string> = new Set(['on.aws', 'on.amazonwebservices.com.cn']);
const PUBLIC: ReadonlySet<string> = new Set(['public.ecr.aws', 'ecr-public.aws.com']);

/** By the prefix of a region. All other regions are in `aws`. */
const PARTITION_OF_REGION: readonly (readonly [prefix: string, partition: string])[] = [
  ['cn-', 'aws-cn'],
  ['us-gov-', 'aws-us-gov'],
  ['eusc-', 'aws-eusc'],
  ['us-iso-', 'aws-iso'],
  ['us-isob-', 'aws-iso-b'],
  ['eu-isoe-', 'aws-iso-e'],
  ['us-isof-', 'aws-iso-f'],
];

/** The longest host name in DNS, in characters. */
const LONGEST_HOST = 253;

/**
 * Reads the host of an ECR registry, also from an image reference or a URL.
 *
 * @returns undefined for any other text
 */
export function parseRegistry(hostOrImage: string): Registry | undefined {
  const host = hostOf(hostOrImage);
  if (host === undefined) return undefined;
  if (PUBLIC.has(host)) {
    return { host, public: true, region: 'us-east-1', partition: 'aws', fips: false, dualStack: false };
  }
  const [, account, , fips, region, domain = ''] = PRIVATE.exec(host) ?? [];
  if (account === undefined || region === undefined || !Object.hasOwn(PARTITIONS, domain)) return undefined;
  return {
    host,
    public: false,
    account,
    region,
    partition: partitionOf(region, PARTITIONS[domain] ?? 'aws'),
    fips: fips !== undefined,
    dualStack: DUAL_STACK.has(domain),
  };
}

/**
 * Reads the host of a private ECR registry.
 *
 * @throws `EcrTokenError` with `invalid-settings` for any other text, and for ECR Public.
 */
export function privateRegistry(hostOrImage: string): Registry {
  const registry = parseRegistry(hostOrImage);
  if (registry?.public === false) return registry;
  // Anything but a host is not shown: it may be a URL with a password.
  const shown = isRegistryHost(hostOrImage) ? hostOrImage : 'What was given as the registry';
  throw new EcrTokenError({
    code: 'invalid-settings',
    message: registry === undefined ? `${shown} is not a registry of Amazon ECR` : isPublic(registry.host),
    remedy:
      'give the host of a private registry, such as 111122223333.dkr.ecr.eu-west-1.amazonaws.com, or the region alone',
  });
}

/**
 * Says why tokens of a region do not open a registry host: the host is in another region or partition, or is ECR
 * Public.
 *
 * @param region - undefined if it is not known
 * @returns a sentence without a full stop; undefined if they do, and for hosts that are not ECR, such as mirrors
 */
export function registryMismatch(host: string, region: string | undefined): string | undefined {
  const registry = parseRegistry(host);
  if (registry === undefined) return undefined;
  if (registry.public) return isPublic(host);
  if (region === undefined) return undefined;
  if (registry.region !== region)
    return `${host} is a registry of ${registry.region}, which tokens of ${region} do not open`;
  const partition = PARTITION_OF_REGION.find(([prefix]) => region.startsWith(prefix))?.[1] ?? 'aws';
  if (registry.partition === partition) return undefined;
  return `${host} has the domain of the partition ${registry.partition}, but ${region} is in ${partition}`;
}

function isPublic(host: string): string {
  return `${host} is ECR Public, which tokens of private registries do not open`;
}

const BARE_HOST =
  /^(?=.{1,253}(?::\d+)?$)[a-z0-9](?:[a-z0-9-]*[a-z0-9])?(?:\.[a-z0-9](?:[a-z0-9-]*[a-z0-9])?)*(?::\d{1,5})?$/i;

/** Whether a text is the host of any registry, with or without a port, and without a scheme or a path. */
export function isRegistryHost(text: string): boolean {
  return BARE_HOST.test(text);
}

function hostOf(text: string): string | undefined {
  const host = text
    .slice(0, 2_048)
    .trim()
    .replace(/^https?:\/\//i, '')
    .split(/[/?#]/, 1)[0]
    ?.replace(/:\d+$/, '')
    .replace(/\.$/, '')
    .toLowerCase();
  return host === undefined || host === '' || host.length > LONGEST_HOST ? undefined : host;
}

/** The partition of a host. GovCloud has the same domain as the commercial regions. */
function partitionOf(region: string, partition: string): string {
  return partition === 'aws' && region.startsWith('us-gov-') ? 'aws-us-gov' : partition;
}
