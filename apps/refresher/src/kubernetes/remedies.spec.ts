import { KubernetesError, type KubernetesFailure } from '@ecr-anywhere/kubernetes';
import { describe, expect, it } from '@jest/globals';
import { withRemedies } from './remedies.ts';

const forbidden = (verb: string, where: string) =>
  `secrets is forbidden: User "u" cannot ${verb} resource "secrets" in API group "" ${where}`;

describe('a request that is refused', () => {
  const told = async (
    failure: KubernetesFailure,
    message: string,
    command: Parameters<typeof withRemedies>[1] = 'refresh',
  ) => {
    const call = withRemedies(() => Promise.reject(new KubernetesError(failure, message, true)), command);
    const request = call({ method: 'GET', path: '/', as: 'PartialObjectMetadata' });
    const error = await request.catch((thrown: unknown) => thrown as KubernetesError);
    expect(error).toMatchObject({ failure, isTimeout: true });
    return (error as KubernetesError).message.replace(message, '');
  };

  it('for want of a right is told with that right, and with the value of the chart that gives it', async () => {
    expect(await told('forbidden', forbidden('patch', 'in the namespace "blue"'))).toBe(
      '; the right to patch secrets in the namespace blue is missing: the chart gives it where rbac.namespaces is empty or has blue in it',
    );
    expect(await told('forbidden', forbidden('list', 'at the cluster scope'))).toBe(
      '; the right to list secrets in all namespaces is missing: the chart gives it where rbac.namespaces is empty; where it is not, set NAMESPACES to the same',
    );
    expect(await told('forbidden', forbidden('create', 'in the namespace "c"'), 'check')).toBe(
      '; the right to create secrets in the namespace c is missing: the chart gives it to the Role of helm test',
    );
    expect(await told('forbidden', forbidden('delete', 'in the namespace "d"'), 'delete-secrets')).toBe(
      '; the right to delete secrets in the namespace d is missing: the chart gives it to the Role of its cleanup Job',
    );
  });

  it('for want of a right that the chart never gives is told with that right alone', async () => {
    const message =
      'users is forbidden: User "u" cannot impersonate resource "users" in API group "" at the cluster scope';
    expect(await told('forbidden', message)).toBe(
      '; the right to impersonate users in all namespaces is missing',
    );
  });

  it('for another reason is told with that alone: no right would help', async () => {
    expect(await told('forbidden', 'secrets "x" is forbidden: exceeded quota')).toBe('');
    expect(await told('webhook-refused', forbidden('patch', 'in the namespace "blue"'))).toBe('');
    expect(await told('unavailable', 'no leader')).toBe('');
  });

  it('for its credentials is told with where they come from', async () => {
    expect(await told('unauthorized', 'Unauthorized')).toContain('check the credentials of the kubeconfig');
  });
});
