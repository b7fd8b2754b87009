import type { Cluster, Exec } from './kubeconfig-schema.ts';
import type { Environment } from './load-kubeconfig.ts';
import type { Source } from './source.ts';

/** The way to an API server, and who asks: what the context of a kubeconfig, or a Pod's service account, comes to. */
export interface Access {
  /** `http:` or `https:`; its path stands before those of requests. */
  readonly server: URL;
  readonly trust: Trust;
  readonly proxy: Proxy | undefined;
  readonly identity: Identity;
  /** For requests that say none. */
  readonly namespace: string;
}

/** How the server is known. */
export interface Trust {
  /** PEM of the CAs, in place of those that Node trusts. */
  readonly ca: Source | undefined;
  /** The name that the certificate has to have, in place of the server's. */
  readonly serverName: string | undefined;
  /** Whether any certificate will do. */
  readonly skipsVerification: boolean;
  /** Where this was said, for messages. */
  readonly where: string;
}

/** A proxy between us and the server: `http:`, `https:` or `socks5:`. */
export interface Proxy {
  readonly url: URL;
  /** `HTTPS_PROXY`, or the field of the kubeconfig. */
  readonly setting: string;
}

/** As whom requests are made. Of a token, a name with a password, and a plugin, there is one at most. */
export interface Identity {
  readonly token?: Source | undefined;
  /** Wins over the token, as long as it can be read. */
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
  /** What it is told about, where it wants to know. */
  readonly cluster: { readonly value: Cluster; readonly ca: Source | undefined };
  /** What it finds in its environment, besides what `exec` says. */
  readonly env: Environment;
  /** Where this was said, for messages. */
  readonly field: string;
}

/** Somebody else to act as. */
export interface Impersonation {
  readonly user: string;
  readonly uid: string | undefined;
  readonly groups: readonly string[];
  readonly extra: Readonly<Record<string, readonly string[]>>;
  /** Where this was said, for messages. */
  readonly field: string;
}
