import { describe, expect, it } from '@jest/globals';
import { ANNOTATIONS, LABELS } from '@ecr-anywhere/secret-scan';
import { token } from '../testing/requests.ts';
import { UNNAMED_HOST } from './consumer.ts';
import { dockerConfigJson } from './docker-config-json.ts';
import { consumerOf, whyUnfillable } from './index.ts';
import type { Secret } from './secret.ts';

const ECR = '111122223333.dkr.ecr.eu-west-1.amazonaws.com';
const OTHER = '444455556666.dkr.ecr.us-east-1.amazonaws.com';

interface Parts {
  readonly type?: string;
  readonly labels?: Readonly<Record<string, string>>;
  readonly annotations?: Readonly<Record<string, string>>;
  readonly data?: Readonly<Record<string, string>>;
}

/** A managed Secret. The data is given as text. */
function secret({ type = 'Opaque', labels = {}, annotations = {}, data = {} }: Parts): Secret {
  const encoded = Object.entries(data).map(([key, text]) => [key, Buffer.from(text).toString('base64')]);
  return {
    type,
    metadata: { name: 'one', labels: { [LABELS.managed]: 'true', ...labels }, annotations },
    data: Object.fromEntries(encoded) as Record<string, string>,
  };
}

const argoCd = (kind: string, url: string) =>
  secret({
    labels: { 'argocd.argoproj.io/secret-type': kind },
    data: { type: 'helm', enableOCI: 'true', url },
  });
const kargo = (kind: string, data: Record<string, string>) =>
  secret({ labels: { 'kargo.akuity.io/cred-type': kind }, data });
const basicAuth = (annotations: Record<string, string> = {}) =>
  secret({ type: 'kubernetes.io/basic-auth', annotations });
const formatted = (format: string) => secret({ annotations: { [ANNOTATIONS.format]: format } });

const hostsOf = (given: Secret) => {
  const wanted = consumerOf(given)?.wants(given);
  return wanted?.kind === 'one-password' ? wanted.hosts.map(({ host }) => host) : wanted;
};

describe('a Secret with one user name and one password', () => {
  it('names the hosts of every kind that it is at once: readers of each send the password', () => {
    const labels = {
      'argocd.argoproj.io/secret-type': 'repository',
      'kargo.akuity.io/cred-type': 'image',
    };
    const annotations = { 'tekton.dev/docker-0': 'https://evil.example.com' };
    const data = { url: ECR, repoURL: `${OTHER}/app` };
    const all = secret({ type: 'kubernetes.io/basic-auth', labels, annotations, data });
    expect(hostsOf(all)).toEqual([ECR, OTHER, 'evil.example.com']);
  });

  it.each([
    ['repository-write of Argo CD', { 'argocd.argoproj.io/secret-type': 'repository-write' }, 'url'],
    ['git of Kargo', { 'kargo.akuity.io/cred-type': 'git' }, 'repoURL'],
  ])('names also the host of a kind that is not filled: %s', (_, labels, key) => {
    const given = secret({ type: 'kubernetes.io/basic-auth', labels, data: { [key]: 'evil.example.com/x' } });
    expect(hostsOf(given)).toEqual(['evil.example.com']);
  });

  it.each([
    ['the label of an Argo CD repository', argoCd('repository', ECR), ['username', 'password']],
    ['the label of Argo CD repo-creds', argoCd('repo-creds', `${ECR}/`), ['username', 'password']],
    ['the label of Kargo for images', kargo('image', { repoURL: `${ECR}/app` }), ['username', 'password']],
    ['the label of Kargo for charts', kargo('helm', { repoURL: `oci://${ECR}` }), ['username', 'password']],
    ['the type kubernetes.io/basic-auth', basicAuth(), ['username', 'password']],
    ['the format basic-auth', formatted('basic-auth'), ['username', 'password']],
    ['the format kubevirt-cdi', formatted('kubevirt-cdi'), ['accessKeyId', 'secretKey']],
  ])('is recognised by %s, and gets both under the keys that its readers expect', (_, given, keys) => {
    const consumer = consumerOf(given)!;
    expect(consumer.keys).toEqual(keys);
    const data = consumer.write([{ host: ECR, token: token(12) }], { dockerConfigFields: 'auth' });
    const texts = Object.entries(data).map(([key, value]) => [key, Buffer.from(value, 'base64').toString()]);
    expect(Object.fromEntries(texts)).toEqual({ [keys[0]!]: 'AWS', [keys[1]!]: token(12).password });
  });

  it.each([
    ['of the type Opaque', secret({})],
    ['of another format', formatted('yaml')],
    ['with a Git repository of Kargo', kargo('git', { repoURL: 'https://github.com/a/b' })],
    ['with another Argo CD label', argoCd('cluster', ECR)],
    ['without metadata', { type: 'Opaque' }],
    ['with labels that are no map', { metadata: { labels: 7 } } as unknown as Secret],
    ['with annotations that are no map', { metadata: { annotations: 'x' } } as unknown as Secret],
    ['with a label from the prototype', argoCd('toString', ECR)],
  ])('is not one %s', (_, given) => {
    expect(consumerOf(given)).toBeUndefined();
  });

  it('is one by its labels before its type, and by its type before its format', () => {
    const labelled = { ...argoCd('repository', ECR), type: 'kubernetes.io/basic-auth' };
    expect(hostsOf(labelled)).toEqual([ECR]);
    const typed = basicAuth({ [ANNOTATIONS.format]: 'kubevirt-cdi' });
    expect(consumerOf(typed)?.keys).toEqual(['username', 'password']);
    const pull = { ...formatted('basic-auth'), type: 'kubernetes.io/dockerconfigjson' };
    expect(consumerOf(pull)).toBe(dockerConfigJson);
  });

  it.each([
    ['Argo CD, as it writes the URL of a chart', argoCd('repository', `${ECR}/charts`), [ECR]],
    ['Argo CD, with native OCI', argoCd('repository', `oci://${ECR}/charts`), [ECR]],
    ['Kargo, as it writes an image', kargo('image', { repoURL: `${ECR}/app` }), [ECR]],
    ['Kargo, as it writes a chart', kargo('helm', { repoURL: `oci://${ECR}/charts/app` }), [ECR]],
    ['Argo CD, for each URL that begins with it', argoCd('repo-creds', `oci://${ECR}/`), [ECR]],
    [
      'Kargo, with a regular expression',
      kargo('image', { repoURL: `^${ECR}/.*$`, repoURLIsRegex: 'true' }),
      [],
    ],
    [
      'Kargo, with a regular expression that begins with a host',
      kargo('image', { repoURL: String.raw`^evil\.example\.com/(a|b)$`, repoURLIsRegex: 'true' }),
      ['evil.example.com'],
    ],
    [
      'Kargo, with what it takes for no regular expression',
      kargo('image', { repoURL: `${ECR}/app`, repoURLIsRegex: 'True' }),
      [ECR],
    ],
    ['Tekton', basicAuth({ 'tekton.dev/docker-0': `https://${ECR}` }), [ECR]],
    [
      'Tekton, with several URLs',
      basicAuth({ 'tekton.dev/docker-0': ECR, 'tekton.dev/docker-two': `https://${OTHER}/v2/` }),
      [ECR, OTHER],
    ],
    [
      'Tekton, with a Git server beside it',
      basicAuth({ 'tekton.dev/docker-0': ECR, 'tekton.dev/git-0': 'https://github.com' }),
      [ECR, 'github.com'],
    ],
    ['a Secret that names none', basicAuth(), []],
  ])('names the hosts that %s sends the password to', (_, given, hosts) => {
    expect(hostsOf(given)).toEqual(hosts);
  });

  it('names the host of the annotation registry as well, since its readers use the URL', () => {
    const annotated = (given: Secret, registry: string): Secret => ({
      ...given,
      metadata: { ...given.metadata, annotations: { [ANNOTATIONS.registry]: registry } },
    });
    expect(hostsOf(annotated(basicAuth(), ECR))).toEqual([ECR]);
    expect(hostsOf(annotated(argoCd('repository', OTHER), ECR))).toEqual([OTHER, ECR]);
    for (const wrong of [`https://${ECR}`, `${ECR}/app`, '', 'AWS@x'])
      expect(hostsOf(annotated(basicAuth(), wrong))).toEqual({
        kind: 'refused',
        message: expect.stringMatching(
          `in the annotation ${ANNOTATIONS.registry}; write a host .* without a scheme and a path$`,
        ),
      });
  });

  it.each([
    ['data.url', argoCd('repository', `https://AWS:canary@${ECR}`)],
    ['data.repoURL', kargo('image', { repoURL: 'http://canary.example.com' })],
    ['tekton.dev/docker-0', basicAuth({ 'tekton.dev/docker-0': 'canary.example.com\\x' })],
  ])('whose URL in %s cannot be read is refused; the message does not show the URL', (from, given) => {
    const wanted = consumerOf(given)?.wants(given);
    expect(wanted).toMatchObject({ kind: 'refused', message: expect.stringContaining(from) });
    expect(JSON.stringify(wanted)).not.toContain('canary');
  });

  it.each([
    ['the host alone', 'repo-creds', ECR],
    ['the host alone, with a scheme', 'repo-creds', `oci://${ECR}`],
    ['the host and a port', 'repo-creds', `https://${ECR}:443`],
    ['the host alone', 'repo-write-creds', ECR],
  ])(
    'is refused with %s as the URL of %s: Argo CD sends the password to each host that begins with it',
    (_, kind, url) => {
      const given = { ...argoCd(kind, url), type: 'kubernetes.io/basic-auth' };
      expect(consumerOf(given)?.wants(given)).toEqual({
        kind: 'refused',
        message: expect.stringMatching(/begins with data\.url.*write a slash after the host$/),
      });
      const closed = { ...argoCd(kind, `${url}/`), type: 'kubernetes.io/basic-auth' };
      expect(consumerOf(closed)?.wants(closed)).toMatchObject({ kind: 'one-password', warnings: [] });
    },
  );

  it.each(['repo-creds', 'repo-write-creds'])(
    'is refused without a URL as %s of Argo CD: all URLs begin with an empty one',
    (kind) => {
      const labels = { 'argocd.argoproj.io/secret-type': kind };
      const annotations = { [ANNOTATIONS.registry]: ECR };
      for (const data of [{}, { url: '' }] as Record<string, string>[]) {
        const given = secret({ type: 'kubernetes.io/basic-auth', labels, annotations, data });
        expect(consumerOf(given)?.wants(given)).toMatchObject({
          kind: 'refused',
          message: expect.stringContaining('data.url'),
        });
      }
    },
  );

  it.each([
    ['a repository of Argo CD without a path', argoCd('repository', ECR), 'data.url has no path'],
    ['the same with a scheme', argoCd('repository', `oci://${ECR}`), 'data.url has no path'],
    [
      'a regular expression of Kargo that can match any host',
      kargo('image', { repoURL: '.*', repoURLIsRegex: 'true' }),
      'the regular expression in data.repoURL can match other hosts',
    ],
    ...['repository', 'repo-creds'].flatMap((kind) =>
      [
        [
          'insecureOCIForceHttp',
          'true',
          'without encryption, because of data.insecureOCIForceHttp; remove it',
        ],
        ['insecure', 'T', 'to a server with a wrong certificate, because of data.insecure; remove it'],
      ].map(([key = '', value = '', words = '']): [string, Secret, string] => [
        `${kind} of Argo CD with ${key}`,
        secret({
          labels: { 'argocd.argoproj.io/secret-type': kind },
          data: { url: `${ECR}/charts`, [key]: value },
        }),
        words,
      ]),
    ),
  ])('warns its writer of other hosts that receive the password: %s', (_, given, words) => {
    const wanted = consumerOf(given)?.wants(given);
    expect(wanted).toMatchObject({ kind: 'one-password', warnings: [expect.stringContaining(words)] });
    for (const warning of wanted?.kind === 'one-password' ? wanted.warnings : [])
      expect(warning.length).toBeLessThanOrEqual(256);
  });

  it.each([
    ['a repository of Argo CD with a path', argoCd('repository', `${ECR}/charts`)],
    [
      'a repository of Argo CD without a URL',
      secret({ labels: { 'argocd.argoproj.io/secret-type': 'repository' } }),
    ],
    [
      'settings of Argo CD that are off',
      secret({
        labels: { 'argocd.argoproj.io/secret-type': 'repo-creds' },
        data: { url: `${ECR}/`, insecure: 'false', insecureOCIForceHttp: '' },
      }),
    ],
    ['an image of Kargo', kargo('image', { repoURL: `${ECR}/app` })],
    ['an image of Kargo without a URL', kargo('image', { repoURLIsRegex: 'true' })],
    ['no URL', basicAuth()],
  ])('does not warn because of %s', (_, given) => {
    expect(consumerOf(given)?.wants(given)).toMatchObject({ kind: 'one-password', warnings: [] });
  });

  it('is read under the host that it names, whatever its other keys hold', () => {
    const filled = (user: string, password: string) =>
      secret({
        labels: { 'argocd.argoproj.io/secret-type': 'repository' },
        data: { url: `${ECR}/charts`, username: user, password },
      });
    const read = (given: Secret) => {
      const held = consumerOf(given)?.read(given);
      return held?.isOurForm ? held.logins : undefined;
    };
    expect(read(filled('AWS', 'old'))).toEqual(new Map([[ECR, { username: 'AWS', password: 'old' }]]));
    expect(read(filled('bob', 'old'))).toBeUndefined();
    expect(read(filled('AWS', ''))).toBeUndefined();
    const unnamed = secret({
      type: 'kubernetes.io/basic-auth',
      data: { username: 'AWS', password: 'old' },
    });
    expect([...(read(unnamed)?.keys() ?? [])]).toEqual([UNNAMED_HOST]);
  });
});

describe('a Secret that no consumer takes', () => {
  it('gets an error that lists every kind, and mentions a format that is unknown', () => {
    const message = whyUnfillable(formatted('yaml'));
    for (const words of ['kubernetes.io/dockerconfigjson', 'kubernetes.io/basic-auth', 'repo-creds', 'kargo'])
      expect(message).toContain(words);
    expect(message).toContain('kubevirt-cdi');
    expect(message).toContain('has the type "Opaque", and an unknown value in the annotation');
    expect(whyUnfillable(secret({}))).toContain('has the type "Opaque". ');
  });
});
