import type { DockerAuthFields, DockerLogin, Grant as HostGrant } from '@ecr-anywhere/ecr-token';
import type { NamedHost } from './named-host.ts';
import type { Secret, SecretData } from './secret.ts';

export type { HostGrant };

/** The credentials in a Secret's data, by registry host. */
export type Logins = ReadonlyMap<string, DockerLogin>;

/** The credentials in the data of a Secret. */
export interface Held {
  readonly logins: Logins;
  /** Whether `write` could have made this data, with any options. */
  readonly isOurForm: boolean;
}

/** Stands in {@link Logins} for the host of a Secret with one password that names no host. */
export const UNNAMED_HOST = '';

/** The registry hosts that a Secret has credentials for. */
export type Wanted =
  /** Every host that the Secret's profiles serve. */
  | { readonly kind: 'every-host' }
  | OnePassword
  /** The Secret does not say it clearly. `message` is for its writer. */
  | { readonly kind: 'refused'; readonly message: string };

/** One password. Whoever reads the Secret sends it to each of these hosts. There is none if the Secret names none. */
export interface OnePassword {
  readonly kind: 'one-password';
  readonly hosts: readonly NamedHost[];
  /** Where else its readers may send it, for its writer. Each has at most 256 characters: the API server cuts longer ones. */
  readonly warnings: readonly string[];
}

/** What stays in a value that ECR Anywhere writes, beside the credentials. */
export type Rest =
  /** In the form that `write` takes. It shares no memory with the Secret. */
  | { readonly kind: 'kept'; readonly text: string }
  /** `message` is for the writer of the Secret. */
  | { readonly kind: 'refused'; readonly message: string };

/** What a kind of Secret can hold in a value beside the credentials. It is always that of the newest object. */
export interface ConsumerRest {
  /** What the user has asked to keep; undefined if nothing. */
  of(secret: Secret): Rest | undefined;
  /** The data of a stored Secret with the same credentials, in the same form, and this rest. */
  replace(stored: Secret, rest: string | undefined): SecretData;
}

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
  /** The hosts that a Secret needs credentials for. */
  wants(secret: Secret): Wanted;
  /**
   * The data that opens each host with the token beside it. If `wants` gives one password, there is one host.
   *
   * @param rest - the text of a {@link Rest}
   */
  write(grants: readonly HostGrant[], options: WriteOptions, rest?: string): SecretData;
  /** Absent if nothing else is in the values that `write` makes. */
  readonly rest?: ConsumerRest;
  /** The credentials in the data of a Secret, as far as they can be read. */
  read(secret: Secret): Held;
}
