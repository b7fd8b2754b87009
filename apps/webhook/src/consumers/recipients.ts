import { hostOfExpression } from './host-of-expression.ts';
import { hasPath, type NamedUrl } from './named-host.ts';
import { labelOf, textOf, type Secret } from './secret.ts';

export const ARGO_CD = 'argocd.argoproj.io/secret-type';
export const KARGO = 'kargo.akuity.io/cred-type';

/** To whom readers of a Secret send its password, as far as the Secret says it. */
export interface Recipients {
  readonly urls: readonly NamedUrl[];
  /** For the writer of the Secret: to whom else they may send it. */
  readonly warnings: readonly string[];
}

/**
 * To whom anyone may send the password of a Secret. A Secret can be of several kinds at once: the first one says which keys are
 * written, and readers of each of them take the URLs that they know.
 */
export function recipientsOf(secret: Secret): Recipients {
  const all = [argoCd(secret), kargo(secret), { urls: tektonUrls(secret), warnings: [] }];
  return { urls: all.flatMap(({ urls }) => urls), warnings: all.flatMap(({ warnings }) => warnings) };
}

const NOBODY: Recipients = { urls: [], warnings: [] };

/** With any value of the label: Argo CD has kinds of Secrets that the webhook does not fill, and sends their password, too. */
function argoCd(secret: Secret): Recipients {
  const label = labelOf(secret, ARGO_CD);
  if (label === undefined) return NOBODY;
  const urls = valueAt(secret, 'url');
  // `repo-creds` and `repo-write-creds`. All URLs begin with an absent one.
  if (label.endsWith('-creds')) {
    const [url = { url: '', from: 'data.url' }] = urls;
    return { urls: [{ ...url, isBeginning: true }], warnings: weakened(secret) };
  }
  return {
    urls,
    warnings: [...(urls.every(({ url }) => hasPath(url)) ? [] : [OPEN_HOST]), ...weakened(secret)],
  };
}

/** Charts in the root of a registry need such a URL: Argo CD compares it as a whole, but not where a chart has dependencies. */
const OPEN_HOST =
  'data.url has no path: if a chart has a dependency on a host that begins with this host, Argo CD sends the password there, too';

/** Settings of Argo CD that give the password away although the URL says `https://`. */
const WEAK = {
  insecureOCIForceHttp: 'Argo CD sends the password without encryption',
  insecure: 'Argo CD sends the password also to a server with a wrong certificate',
};

function weakened(secret: Secret): readonly string[] {
  return Object.entries(WEAK)
    .filter(([key]) => /^(?:1|t|true)$/i.test(textOf(secret, key) ?? ''))
    .map(([key, effect]) => `${effect}, because of data.${key}; remove it`);
}

/** The same for Kargo. */
function kargo(secret: Secret): Recipients {
  if (labelOf(secret, KARGO) === undefined) return NOBODY;
  const urls = valueAt(secret, 'repoURL');
  const [named] = urls;
  if (named === undefined || textOf(secret, 'repoURLIsRegex') !== 'true') return { urls, warnings: [] };
  const host = hostOfExpression(named.url);
  return host === undefined
    ? { urls: [], warnings: [OPEN_EXPRESSION] }
    : { urls: [{ ...named, url: host }], warnings: [] };
}

const OPEN_EXPRESSION =
  'the regular expression in data.repoURL can match other hosts, and Kargo sends them the password; ' +
  String.raw`let it begin like ^111122223333\.dkr\.ecr\.eu-west-1\.amazonaws\.com/, and put each | into parentheses`;

function valueAt(secret: Secret, key: string): readonly NamedUrl[] {
  const url = textOf(secret, key);
  return url === undefined ? [] : [{ url, from: `data.${key}` }];
}

/** Tekton sends the password to the URL in each annotation that begins with one of these. */
const TEKTON = ['tekton.dev/docker-', 'tekton.dev/git-'];

function tektonUrls({ metadata }: Secret): readonly NamedUrl[] {
  const annotations: unknown = metadata?.annotations;
  if (typeof annotations !== 'object' || annotations === null) return [];
  return Object.entries(annotations)
    .filter(([name]) => TEKTON.some((prefix) => name.startsWith(prefix)))
    .map(([name, url]) => ({ url: String(url), from: `the annotation ${name.slice(0, LONGEST_NAME)}` }));
}

/** A prefix of 253 characters, a slash and 63: an annotation has no longer name. */
const LONGEST_NAME = 317;
