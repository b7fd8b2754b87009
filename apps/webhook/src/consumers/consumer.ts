import type { DockerLogin, Grant as HostGrant } from '@ecr-anywhere/ecr-token';
import type { NamedHost } from './named-host.ts';
import type { Secret, SecretData } from './secret.ts';

export type { HostGrant };

/** The credentials in a Secret's data, by registry host. */
export type Logins = ReadonlyMap<string, DockerLogin>;

/** Stands in {@link Logins} for the host of a Secret with one password that names no host. */
export const UNNAMED_HOST = '';

/** The registry hosts that a Secret has credentials for. */
export type Wanted =
  /** Every host that the Secret's profiles serve. */
  | { readonly kind: 'every-host' }
  /** One password. Whoever reads the Secret sends it to each of these hosts. There is none if the Secret names none. */
  | { readonly kind: 'one-password'; readonly hosts: readonly NamedHost[] }
  /** The Secret does not say it clearly. `message` is for its writer. */
  | { readonly kind: 'refused'; readonly message: string };

/** What stays in a value that ECR Anywhere writes, beside the credentials. */
export type Rest =
  /** In the form that `write` takes. It shares no memory with the Secret. */
  | { readonly kind: 'kept'; readonly text: string }
  /** `message` is for the writer of the Secret. */
  | { readonly kind: 'refused'; readonly message: string };

/** How the credentials are written. */
export interface WriteOptions {
  /** The text of a {@link Rest}. */
  readonly rest?: string | undefined;
}

/** A kind of Secret that ECR Anywhere fills, in the form in which its consumers read it. */
export interface Consumer {
  /** What makes a Secret one of this kind. The refusal of any other Secret quotes it. */
  readonly needs: string;
  /** Whether a managed Secret is one of this kind. */
  takes(secret: Secret): boolean;
  /** The keys of the data that `write` sets. Other keys stay as they are. */
  readonly keys: readonly string[];
  /** The hosts that a Secret needs credentials for. */
  wants(secret: Secret): Wanted;
  /** The data that opens each host with the token beside it. If `wants` gives one password, there is one host. */
  write(grants: readonly HostGrant[], options?: WriteOptions): SecretData;
  /** What the user has asked to keep in the value; undefined if nothing. Always that of the newest object. */
  rest?(secret: Secret): Rest | undefined;
  /** The credentials in the data of a Secret, if `write` could have made it; undefined for any other data. Without its rest. */
  read(secret: Secret): Logins | undefined;
}
