import { describe, expect, it } from '@jest/globals';
import { missingRight } from './missing-right.ts';

const USER = 'User "system:serviceaccount:ecr-anywhere:ecr-anywhere-refresher"';

describe('the right that a 403 says is missing', () => {
  it.each([
    [
      `secrets "pull" is forbidden: ${USER} cannot patch resource "secrets" in API group "" in the namespace "blue"`,
      { verb: 'patch', resource: 'secrets', namespace: 'blue' },
    ],
    [
      `secrets is forbidden: ${USER} cannot list resource "secrets" in API group "" at the cluster scope: RBAC: clusterrole.rbac.authorization.k8s.io "x" not found`,
      { verb: 'list', resource: 'secrets', namespace: undefined },
    ],
    [
      `namespaces "blue" is forbidden: ${USER} cannot get resource "namespaces" in API group "" in the namespace "blue"`,
      { verb: 'get', resource: 'namespaces', namespace: 'blue' },
    ],
    [
      'users.authentication.k8s.io "jane" is forbidden: User "joe" cannot impersonate resource "users" in API group "authentication.k8s.io" at the cluster scope',
      { verb: 'impersonate', resource: 'users', namespace: undefined },
    ],
  ])('is read from: %s', (message, right) => {
    expect(missingRight(message)).toEqual(right);
  });

  it.each([
    'secrets "pull" is forbidden: exceeded quota: secrets, requested: secrets=1, used: secrets=1, limited: secrets=1',
    `secrets "pull" is forbidden: ValidatingAdmissionPolicy 'p' with binding 'b' denied request: User cannot patch`,
    'the API server answered 403',
  ])('is undefined if something else forbids the request: %s', (message) => {
    expect(missingRight(message)).toBeUndefined();
  });
});
