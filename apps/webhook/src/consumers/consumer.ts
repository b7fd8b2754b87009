import type { DockerAuthFields, DockerLogin, Grant as HostGrant } from '@ecr-anywhere/ecr-token';
import type { Secret, SecretData } from './secret.ts';

export type { HostGrant };

/** The credentials in a Secret's data, by registry host. */
export type Logins = ReadonlyMap<string, DockerLogin>;

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
  write(grants: readonly HostGrant[], options: WriteOptions): SecretData;
  /** The credentials in the data of a Secret, if `write` could have made it with any options; otherwise undefined. */
  read(secret: Secret): Logins | undefined;
}
