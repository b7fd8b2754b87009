import { ApiError, notFound } from '../api-error.ts';
import { isTerminating, NAMESPACES } from '../objects/namespace.ts';
import type { Resource } from '../objects/resource.ts';
import type { Store } from './store.ts';

/**
 * The NamespaceLifecycle admission plugin: nothing is created in a namespace that is not there, or is going.
 *
 * @throws ApiError 404 or 403
 */
export function checkNamespace(namespaces: Store, name: string, resource: Resource, object: string): void {
  const namespace = namespaces.get(name);
  if (namespace === undefined) throw notFound(NAMESPACES, name);
  if (!isTerminating(namespace)) return;
  const { plural } = resource;
  throw new ApiError(
    403,
    'Forbidden',
    `${plural} "${object}" is forbidden: unable to create new content in namespace ${name} because it is being terminated`,
    {
      name: object,
      kind: plural,
      causes: [
        {
          reason: 'NamespaceTerminating',
          message: `namespace ${name} is being terminated`,
          field: 'metadata.namespace',
        },
      ],
    },
  );
}
