/** An error of an AWS service, independent of the protocol. */
export interface AwsError {
  readonly status: number;
  readonly code: string;
  readonly message: string;
}

export function isAwsError(value: object): value is AwsError {
  return 'code' in value && 'message' in value && 'status' in value;
}
