import type { ApiObject, Stored } from '../objects/object.ts';

/** A write that is not stored yet. */
export interface AdmissionRequest {
  readonly operation: 'CREATE' | 'UPDATE' | 'DELETE';
  /** Empty if the API server will generate it. */
  readonly name: string;
  readonly namespace: string;
  /** Absent for a delete. */
  readonly object?: ApiObject;
  /** Absent for a create. */
  readonly oldObject?: Stored;
  readonly dryRun: boolean;
}
