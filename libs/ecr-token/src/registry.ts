/** A registry host of Amazon's, taken apart. */
export interface Registry {
  /** The host as given, in lower case, without a port. */
  readonly host: string;
  /** Whether it is ECR Public, whose API is always in us-east-1. */
  readonly public: boolean;
  /** Twelve digits; ECR Public has none. */
  readonly account?: string;
  /** Where its tokens have to come from. */
  readonly region: string;
  /** Such as `aws` or `aws-cn`. */
  readonly partition: string;
  readonly fips: boolean;
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

/** The longest name that DNS allows. */
const LONGEST_HOST = 253;

/**
 * Takes an ECR registry host apart; also takes an image reference or a URL and looks at its host.
 *
 * @returns undefined for everything that is not ECR, whatever it is.
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

const BARE_HOST =
  /^(?=.{1,253}(?::\d+)?$)[a-z0-9](?:[a-z0-9-]*[a-z0-9])?(?:\.[a-z0-9](?:[a-z0-9-]*[a-z0-9])?)*(?::\d{1,5})?$/i;

/** Whether a text is the host of a registry, Amazon's or another, with a port where it needs one; no scheme and no path. */
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

/** GovCloud shares its domain with the commercial regions. */
function partitionOf(region: string, partition: string): string {
  return partition === 'aws' && region.startsWith('us-gov-') ? 'aws-us-gov' : partition;
}
