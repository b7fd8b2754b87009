import type { DockerAuthFields, Grant } from '@ecr-anywhere/ecr-token';
import type { Secret, SecretData } from './secret.ts';

/** How this installation writes credentials. A stored credential in another form is still ours. */
export interface WriteOptions {
  readonly dockerConfigFields: DockerAuthFields;
}

/** A kind of Secret that ECR Anywhere fills, in the form in which its consumers read it. */
export interface Consumer {
  /** What makes a Secret one of this kind. The refusal of any other Secret quotes it. */
  readonly needs: string;
  /** Whether a managed Secret is one of this kind. */
  takes(secret: Secret): boolean;
  /** The keys of the data that `write` sets. Other keys stay as they are. */
  readonly keys: readonly string[];
  /** The data that opens each host with the token beside it. */
  write(grants: readonly Grant[], options: WriteOptions): SecretData;
  /** The hosts that the data of a Secret opens, if `write` could have made it with any options; otherwise undefined. */
  hosts(secret: Secret): readonly string[] | undefined;
}
