import { randomUUID } from 'node:crypto';
import { inOrder } from '../objects/metadata.ts';
import { timestamp, type ApiObject, type Stored } from '../objects/object.ts';
import { generatedName } from './generated-name.ts';

/** The object that a create makes: with its name made up where that was asked for. It has no resourceVersion yet. */
export function asCreated(object: ApiObject): Stored {
  const { generateName, name = generateName && generatedName(generateName), ...metadata } = object.metadata;
  return {
    ...object,
    metadata: inOrder({
      ...metadata,
      ...(name && { name }),
      ...(generateName && { generateName }),
      uid: randomUUID(),
      creationTimestamp: timestamp(),
      deletionTimestamp: undefined,
      resourceVersion: undefined,
    }) as Stored['metadata'],
  };
}

/** The object that an update makes: what a client cannot change, or need not say, is as it was. */
export function asUpdated(object: ApiObject, { metadata: old }: Stored): Stored {
  const { uid = old.uid, resourceVersion = '0' } = object.metadata;
  return {
    ...object,
    metadata: inOrder({
      ...object.metadata,
      uid,
      resourceVersion: Number(resourceVersion) === 0 ? old.resourceVersion : resourceVersion,
      creationTimestamp: old.creationTimestamp,
      ...(old.deletionTimestamp !== undefined && {
        deletionTimestamp: old.deletionTimestamp,
        deletionGracePeriodSeconds: old.deletionGracePeriodSeconds,
      }),
    }) as Stored['metadata'],
  };
}
