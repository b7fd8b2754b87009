import type { Cluster, Exec } from './kubeconfig-schema.ts';
import type { Environment } from './load-kubeconfig.ts';
import type { Source } from './source.ts';

/** How to connect to an API server, and with which identity: from a context of a kubeconfig or a Pod's service account. */
export interface Access {
  /** `http:` or `https:`. The paths of requests are appended to its path. */
  readonly server: URL;
  readonly trust: Trust;
  readonly proxy: Proxy | undefined;
  readonly identity: Identity;
  /** The namespace of requests that name none. */
  readonly namespace: string;
}

/** How the server's certificate is verified. */
export interface Trust {
  /** PEM of the CAs that replace those of Node. */
  readonly ca: Source | undefined;
  /** The name that the certificate must have, if it is not the server's. */
  readonly serverName: string | undefined;
  /** Whether the certificate is not verified. */
  readonly skipsVerification: boolean;
  /** Where it comes from, for messages. */
  readonly where: string;
}

/** A proxy between us and the server: `http:`, `https:` or `socks5:`. */
export interface Proxy {
  readonly url: URL;
  /** Where it comes from, for messages: `HTTPS_PROXY`, or a field of the kubeconfig. */
  readonly setting: string;
}

/** Who makes the requests. At most one of `token` or `tokenFile`, `basic` and `plugin` is set. */
export interface Identity {
  readonly token?: Source | undefined;
  /** Replaces the token as long as it can be read. */
  readonly tokenFile?: Source | undefined;
  readonly basic?: Basic | undefined;
  readonly certificate?: { readonly cert: Source; readonly key: Source } | undefined;
  readonly plugin?: Plugin | undefined;
  readonly impersonation?: Impersonation | undefined;
}

/** A name and a password. */
export interface Basic {
  readonly username: string;
  readonly password: string;
}

/** A program that prints credentials. */
export interface Plugin {
  readonly exec: Exec & { readonly command: string; readonly apiVersion: string };
  /** The cluster, if `exec` asks for it. */
  readonly cluster: { readonly value: Cluster; readonly ca: Source | undefined };
  /** Its environment. The variables of `exec` are added. */
  readonly env: Environment;
  /** Where it comes from, for messages. */
  readonly field: string;
}

/** The user to act as. */
export interface Impersonation {
  readonly user: string;
  readonly uid: string | undefined;
  readonly groups: readonly string[];
  readonly extra: Readonly<Record<string, readonly string[]>>;
  /** Where it comes from, for messages. */
  readonly field: string;
}
