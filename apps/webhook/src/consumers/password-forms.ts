import { annotation, ANNOTATIONS } from '@ecr-anywhere/secret-scan';
import type { NamedUrl } from './named-host.ts';
import { textOf, type Secret } from './secret.ts';
import type { PasswordForm } from './user-and-password.ts';

const USERNAME_AND_PASSWORD = { userKey: 'username', passwordKey: 'password' } as const;

/**
 * The kinds of Secrets with one user name and one password. The first one that takes a Secret fills it: labels say more than a
 * type, and both say more than the annotation `format`. docs/consumers.md shows a Secret of each kind, and has the lines of
 * source that read it.
 */
export const PASSWORD_FORMS: readonly PasswordForm[] = [
  /** Argo CD: charts of Helm in OCI registries, and its native OCI. */
  {
    needs: 'the label argocd.argoproj.io/secret-type with "repository" or "repo-creds"',
    takes: hasLabel('argocd.argoproj.io/secret-type', 'repository', 'repo-creds'),
    ...USERNAME_AND_PASSWORD,
    urls: (secret) => valueAt(secret, 'url'),
  },
  /** Kargo. A regular expression names no host. */
  {
    needs: 'the label kargo.akuity.io/cred-type with "image" or "helm"',
    takes: hasLabel('kargo.akuity.io/cred-type', 'image', 'helm'),
    ...USERNAME_AND_PASSWORD,
    urls: (secret) => (textOf(secret, 'repoURLIsRegex') === 'true' ? [] : valueAt(secret, 'repoURL')),
  },
  /** Flux's HelmRepository, which has the URL itself, and Tekton, which takes it from annotations. */
  {
    needs: '"type: kubernetes.io/basic-auth"',
    takes: ({ type }) => type === 'kubernetes.io/basic-auth',
    ...USERNAME_AND_PASSWORD,
    urls: tektonUrls,
  },
  /** Flux's HelmRepository with a Secret of the type Opaque, and whatever else reads these two keys. */
  { ...format('basic-auth'), ...USERNAME_AND_PASSWORD, urls: () => [] },
  /** KubeVirt's Containerized Data Importer. */
  { ...format('kubevirt-cdi'), userKey: 'accessKeyId', passwordKey: 'secretKey', urls: () => [] },
];

/**
 * The URLs in a Secret to which anyone may send its password. A Secret can be of several kinds at once: the first one says which
 * keys are written, and readers of each of them take the URLs that they know.
 */
export function urlsIn(secret: Secret): readonly NamedUrl[] {
  return PASSWORD_FORMS.filter(({ takes }) => takes(secret)).flatMap(({ urls }) => urls(secret));
}

function hasLabel(label: string, ...values: readonly string[]): PasswordForm['takes'] {
  return ({ metadata }) => {
    const labels: unknown = metadata?.labels;
    if (typeof labels !== 'object' || labels === null || !Object.hasOwn(labels, label)) return false;
    return values.includes(String((labels as Readonly<Record<string, unknown>>)[label]));
  };
}

/** A format that the user's annotation names, where neither the type nor a label of a Secret does. */
function format(name: string): Pick<PasswordForm, 'needs' | 'takes'> {
  return {
    needs: `the annotation ${ANNOTATIONS.format} with "${name}"`,
    takes: ({ metadata }) => annotation(metadata, 'format') === name,
  };
}

function valueAt(secret: Secret, key: string): readonly NamedUrl[] {
  const url = textOf(secret, key);
  return url === undefined ? [] : [{ url, from: `data.${key}` }];
}

/** Tekton sends the password to the URL in each annotation that begins with one of these. */
const TEKTON = ['tekton.dev/docker-', 'tekton.dev/git-'];

function tektonUrls({ metadata }: Secret): readonly NamedUrl[] {
  const annotations: unknown = metadata?.annotations;
  if (typeof annotations !== 'object' || annotations === null) return [];
  return Object.entries(annotations)
    .filter(([name]) => TEKTON.some((prefix) => name.startsWith(prefix)))
    .map(([name, url]) => ({ url: String(url), from: `the annotation ${name.slice(0, LONGEST_NAME)}` }));
}

/** A prefix of 253 characters, a slash and 63: an annotation has no longer name. */
const LONGEST_NAME = 317;
