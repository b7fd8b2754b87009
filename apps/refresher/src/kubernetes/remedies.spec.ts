import { KubernetesError, type KubernetesFailure } from '@ecr-anywhere/kubernetes';
import { describe, expect, it } from '@jest/globals';
import { readConfig } from '../config/config.ts';
import { withRemedies } from './remedies.ts';

const forbidden = (verb: string, where: string) =>
  `secrets is forbidden: User "u" cannot ${verb} resource "secrets" in API group "" ${where}`;

describe('the message of a refused request', () => {
  const remedyFor = async (failure: KubernetesFailure, message: string, args: readonly string[] = []) => {
    const refused = () => Promise.reject(new KubernetesError(failure, message, true));
    const call = withRemedies(refused, readConfig(args, {}));
    const request = call({ method: 'GET', path: '/', as: 'PartialObjectMetadata' });
    const error = await request.catch((thrown: unknown) => thrown as KubernetesError);
    expect(error).toMatchObject({ failure, isTimeout: true });
    return (error as KubernetesError).message.replace(message, '');
  };

  it('names the missing right, and the value of the chart that grants it', async () => {
    expect(await remedyFor('forbidden', forbidden('patch', 'in the namespace "blue"'))).toBe(
      '; the right to patch secrets in the namespace blue is missing: the chart grants it if rbac.namespaces is empty or contains blue; if rbac.secretNames is not empty, set SECRET_NAMES to the same names',
    );
    expect(await remedyFor('forbidden', forbidden('list', 'at the cluster scope'))).toBe(
      '; the right to list secrets in all namespaces is missing: the chart grants it if rbac.namespaces is empty; if it is not, set NAMESPACES to the same namespaces; if rbac.secretNames is not empty, set SECRET_NAMES to the same names',
    );
    expect(await remedyFor('forbidden', forbidden('create', 'in the namespace "c"'), ['check', 'c'])).toBe(
      '; the right to create secrets in the namespace c is missing: the chart grants it with the Role of helm test',
    );
    const configurations =
      'mutatingwebhookconfigurations.admissionregistration.k8s.io is forbidden: User "u" cannot list resource ' +
      '"mutatingwebhookconfigurations" in API group "admissionregistration.k8s.io" at the cluster scope';
    expect(await remedyFor('forbidden', configurations, ['check', 'c', 'd'])).toBe(
      '; the right to list mutatingwebhookconfigurations is missing: the chart grants it with the ClusterRole of helm test',
    );
    expect(
      await remedyFor('forbidden', forbidden('delete', 'in the namespace "d"'), ['delete-secrets', 'd/s']),
    ).toBe(
      '; the right to delete secrets in the namespace d is missing: the chart grants it with the Role of its cleanup Job',
    );
  });

  it('names the Role for the report', async () => {
    const message =
      'configmaps "r" is forbidden: User "u" cannot patch resource "configmaps" in API group "" in the namespace "n"';
    expect(await remedyFor('forbidden', message)).toBe(
      "; the right to patch configmaps in the namespace n is missing: the chart grants it with the Role of the refresher's report",
    );
  });

  it('names only the right if the chart never grants it', async () => {
    const message =
      'users is forbidden: User "u" cannot impersonate resource "users" in API group "" at the cluster scope';
    expect(await remedyFor('forbidden', message)).toBe(
      '; the right to impersonate users in all namespaces is missing',
    );
  });

  it('stays the same if no right is missing', async () => {
    expect(await remedyFor('forbidden', 'secrets "x" is forbidden: exceeded quota')).toBe('');
    expect(await remedyFor('webhook-refused', forbidden('patch', 'in the namespace "blue"'))).toBe('');
    expect(await remedyFor('unavailable', 'no leader')).toBe('');
  });

  it('says where to check the credentials if the API server does not accept them', async () => {
    expect(await remedyFor('unauthorized', 'Unauthorized')).toContain(
      'check the credentials of the kubeconfig',
    );
  });
});
