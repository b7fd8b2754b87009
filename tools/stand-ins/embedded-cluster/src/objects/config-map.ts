import type { ApiObject } from './object.ts';
import type { Resource } from './resource.ts';
import { bytes, DNS_SUBDOMAIN, flag, METADATA, strings, struct } from './schema.ts';

const LARGEST_DATA = 1024 * 1024;

/** ConfigMaps, with the limit on their size. */
export const CONFIG_MAPS: Resource = {
  kind: 'ConfigMap',
  plural: 'configmaps',
  group: '',
  apiVersion: 'v1',
  namespaced: true,
  schema: struct({ metadata: METADATA, immutable: flag, data: strings, binaryData: bytes }),
  namePattern: DNS_SUBDOMAIN,
  problems: ({ data }: ApiObject) => {
    const values = Object.values((data ?? {}) as Readonly<Record<string, string>>);
    const size = values.reduce((sum, value) => sum + Buffer.byteLength(value), 0);
    return size > LARGEST_DATA ? [`[]: Too long: may not be more than ${LARGEST_DATA} bytes`] : [];
  },
  fields: ({ metadata }: ApiObject) => ({
    'metadata.name': metadata.name ?? '',
    'metadata.namespace': metadata.namespace ?? '',
  }),
};
