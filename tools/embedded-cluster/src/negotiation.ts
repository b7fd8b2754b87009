import { ApiError } from './api-error.ts';

/** What a client wants to see of an object or a list. */
export type Representation = 'whole' | 'metadata';

const AVAILABLE = 'application/json, application/yaml, application/vnd.kubernetes.protobuf';

/**
 * Chooses among the media types of an `Accept` header, in their order. Only JSON is spoken here.
 *
 * @throws ApiError 406
 */
export function negotiate(accept: string, isList: boolean, kind: string): Representation {
  const ranges = (accept === '' ? '*/*' : accept).split(',').map(parse);
  const acceptable = ranges.filter(({ type }) => ['*/*', 'application/*', 'application/json'].includes(type));
  if (acceptable.length === 0)
    throw new ApiError(
      406,
      'NotAcceptable',
      `406: Not Acceptable\n\nAvailable representations: ${AVAILABLE}`,
      {},
    );
  for (const { as, g, v } of acceptable) {
    if (as === undefined) return 'whole';
    if (g !== 'meta.k8s.io' || v !== 'v1' || !as.startsWith('PartialObjectMetadata')) continue;
    if (as === (isList ? 'PartialObjectMetadataList' : 'PartialObjectMetadata')) return 'metadata';
    const what = isList ? `a list (*core.${kind}List)` : `not a list (*core.${kind})`;
    throw new ApiError(406, 'NotAcceptable', `you requested ${as}, but the requested object is ${what}`);
  }
  throw new ApiError(406, 'NotAcceptable', `only the following media types are accepted: ${AVAILABLE}`);
}

function parse(range: string): { type: string; as?: string; g?: string; v?: string } {
  const [type = '', ...parameters] = range.split(';').map((part) => part.trim());
  return { ...Object.fromEntries(parameters.map((one) => one.split('=', 2) as [string, string])), type };
}
