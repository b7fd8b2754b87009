import { invalid } from '../api-error.ts';
import { metadataErrors, metadataUpdateErrors } from '../objects/metadata.ts';
import type { ApiObject, Stored } from '../objects/object.ts';
import type { Resource } from '../objects/resource.ts';

/** @throws ApiError 422 */
export function validateCreate(resource: Resource, object: ApiObject): void {
  const errors = [...metadataErrors(object.metadata, resource.nameProblems), ...resource.errors(object)];
  if (errors.length > 0) throw invalid(resource, object.metadata.name ?? '', errors);
}

/**
 * Metadata is looked at twice, for every object and for the resource's own rules, as in the API server: the causes in
 * the answer show it.
 *
 * @throws ApiError 422
 */
export function validateUpdate(resource: Resource, object: ApiObject, current: Stored): void {
  const { metadata } = object;
  const common = metadataErrors(metadata, resource.nameProblems);
  const changes = metadataUpdateErrors(metadata, current);
  const errors = [
    ...common,
    ...changes,
    ...changes,
    ...resource.updateErrors(object, current),
    ...common,
    ...resource.errors(object),
  ];
  if (errors.length > 0) throw invalid(resource, metadata.name ?? '', errors);
}
