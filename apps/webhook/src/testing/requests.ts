import type { AdmissionRequest, AdmissionReview } from '@ecr-anywhere/admission';
import { dockerConfig, EcrToken, parseRegistry, type DockerAuthFields } from '@ecr-anywhere/ecr-token';
import { ANNOTATIONS, LABELS } from '@ecr-anywhere/secret-scan';
import type { Secret } from '../consumers/secret.ts';
import type { Grant } from '../grants/grant.ts';
import type { CredentialPolicy } from '../grants/old-credential.ts';

export const NOW = Date.parse('2026-01-02T03:04:05.678Z');
export const HOUR = 3_600_000;
export const HASH = 'a'.repeat(64);
export const OWN_HOST = '111122223333.dkr.ecr.eu-west-1.amazonaws.com';

/** What a Secret gets from the default profile. */
export const GRANT: Grant = {
  name: 'default/eu-west-1',
  region: 'eu-west-1',
  hosts: ['mirror.example.com'],
  ownHost: OWN_HOST,
  account: undefined,
};

export const POLICY: CredentialPolicy = {
  now: NOW,
  threshold: 6 * HOUR,
  configHash: HASH,
  grants: [GRANT],
};

/** A second region, with no token yet. */
export const OTHER_HOST = '111122223333.dkr.ecr.us-east-1.amazonaws.com';
export const OTHER_GRANT: Grant = {
  name: 'default/us-east-1',
  region: 'us-east-1',
  hosts: [],
  ownHost: OTHER_HOST,
  account: undefined,
};

/** The key of the data that is filled. */
export const KEY = '.dockerconfigjson';

/** A token that expires in this many hours. */
export function token(hours: number, password = 'password-of-aws'): EcrToken {
  return new EcrToken({
    username: 'AWS',
    password,
    region: 'eu-west-1',
    issuedAt: new Date(NOW),
    expiresAt: new Date(NOW + hours * HOUR),
    proxyEndpoint: `https://${OWN_HOST}`,
  });
}

/** The same of the second region. */
export function tokenElsewhere(hours: number): EcrToken {
  const { username, password, issuedAt, expiresAt } = token(hours);
  const proxyEndpoint = `https://${OTHER_HOST}`;
  return new EcrToken({ username, password, region: 'us-east-1', issuedAt, expiresAt, proxyEndpoint });
}

/** The README's Secret. */
export function fakeSecret(changes: Secret = {}): Secret {
  return {
    type: 'kubernetes.io/dockerconfigjson',
    data: { [KEY]: 'FAKE' },
    ...changes,
    metadata: {
      name: 'ecr-secret',
      namespace: 'test',
      labels: { [LABELS.managed]: 'true' },
      ...changes.metadata,
    },
  };
}

/** A Secret that the webhook has filled with credentials that expire in this many hours. */
export function filledSecret(
  hours: number,
  {
    hosts = [OWN_HOST, 'mirror.example.com'],
    mark = '',
    password = 'password-of-old',
    fields = 'auth' as DockerAuthFields,
  } = {},
): Secret {
  const region = (host: string) => parseRegistry(host)?.region ?? GRANT.region;
  const config = dockerConfig(
    hosts.map((host) => ({ host, token: { username: 'AWS', password, region: region(host) } })),
    { fields },
  );
  return fakeSecret({
    data: { [KEY]: Buffer.from(JSON.stringify(config)).toString('base64') },
    metadata: {
      annotations: {
        [ANNOTATIONS.expiresAt]: new Date(NOW + hours * HOUR).toISOString(),
        [ANNOTATIONS.updatedAt]: new Date(NOW + (hours - 12) * HOUR).toISOString(),
        [ANNOTATIONS.configHash]: HASH,
        ...(mark && { [ANNOTATIONS.markedForUpdateAt]: mark }),
      },
    },
  });
}

export function withAnnotations(secret: Secret, annotations: Record<string, string>): Secret {
  return {
    ...secret,
    metadata: { ...secret.metadata, annotations: { ...secret.metadata?.annotations, ...annotations } },
  };
}

export function createRequest(
  object: Secret,
  changes: Partial<AdmissionRequest<Secret>> = {},
): AdmissionRequest<Secret> {
  return {
    uid: '6f1b',
    kind: { group: '', version: 'v1', kind: 'Secret' },
    resource: { group: '', version: 'v1', resource: 'secrets' },
    operation: 'CREATE',
    namespace: 'test',
    name: 'ecr-secret',
    object,
    ...changes,
  };
}

export function updateRequest(object: Secret, oldObject: Secret): AdmissionRequest<Secret> {
  return createRequest(object, { operation: 'UPDATE', oldObject });
}

export function review(
  request: AdmissionRequest<Secret>,
  apiVersion: AdmissionReview['apiVersion'] = 'admission.k8s.io/v1',
): AdmissionReview {
  return { apiVersion, kind: 'AdmissionReview', request };
}
