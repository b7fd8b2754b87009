import { annotation, ANNOTATIONS } from '@ecr-anywhere/secret-scan';
import { ARGO_CD, KARGO } from './recipients.ts';
import { labelOf } from './secret.ts';
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
    takes: hasLabel(ARGO_CD, 'repository', 'repo-creds'),
    ...USERNAME_AND_PASSWORD,
  },
  /** Kargo. */
  {
    needs: 'the label kargo.akuity.io/cred-type with "image" or "helm"',
    takes: hasLabel(KARGO, 'image', 'helm'),
    ...USERNAME_AND_PASSWORD,
  },
  /** Flux's HelmRepository, which has the URL itself, and Tekton, which takes it from annotations. */
  {
    needs: '"type: kubernetes.io/basic-auth"',
    takes: ({ type }) => type === 'kubernetes.io/basic-auth',
    ...USERNAME_AND_PASSWORD,
  },
  /** Flux's HelmRepository with a Secret of the type Opaque, and whatever else reads these two keys. */
  { ...format('basic-auth'), ...USERNAME_AND_PASSWORD },
  /** KubeVirt's Containerized Data Importer. */
  { ...format('kubevirt-cdi'), userKey: 'accessKeyId', passwordKey: 'secretKey' },
];

function hasLabel(label: string, ...values: readonly string[]): PasswordForm['takes'] {
  return (secret) => values.includes(labelOf(secret, label) ?? '');
}

/** A format that the user's annotation names, where neither the type nor a label of a Secret does. */
function format(name: string): Pick<PasswordForm, 'needs' | 'takes'> {
  return {
    needs: `the annotation ${ANNOTATIONS.format} with "${name}"`,
    takes: ({ metadata }) => annotation(metadata, 'format') === name,
  };
}
