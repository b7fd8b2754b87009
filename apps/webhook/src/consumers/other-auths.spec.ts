import { describe, expect, it } from '@jest/globals';
import { ANNOTATIONS } from '@ecr-anywhere/secret-scan';
import { fakeSecret, filledSecret, KEY, OWN_HOST, token } from '../testing/requests.ts';
import { dockerConfigJson } from './docker-config-json.ts';
import { MOST_OTHER_AUTHS } from './other-auths.ts';
import type { Secret } from './secret.ts';

/** The long form, which shows the user. */
const FORM = { dockerConfigFields: 'username,password,auth' } as const;
const auth = (user: string) => Buffer.from(`${user}:pw`).toString('base64');
const HUB = { 'https://index.docker.io/v1/': { auth: auth('bob'), email: 'bob@example.com' } };

/** A pull Secret that keeps other entries, with this Docker config or text. */
function keeping(content: object | string | undefined, asked: string | null = 'true'): Secret {
  const text = typeof content === 'string' ? content : JSON.stringify(content);
  return fakeSecret({
    data: content === undefined ? {} : { [KEY]: Buffer.from(text).toString('base64') },
    metadata: { annotations: asked === null ? {} : { [ANNOTATIONS.keepOtherAuths]: asked } },
  });
}

/** The Docker config that a Secret gets. */
function written(secret: Secret): { auths: Record<string, object> } {
  const rest = dockerConfigJson.rest!.of(secret);
  if (rest?.kind === 'refused') throw new Error(rest.message);
  const data = dockerConfigJson.write([{ host: OWN_HOST, token: token(12) }], FORM, rest?.text);
  return JSON.parse(Buffer.from(data[KEY]!, 'base64').toString()) as { auths: Record<string, object> };
}

describe('the entries of other registries in a Docker config', () => {
  it.each([null, 'false'])('are replaced if the annotation is %s', (asked) => {
    expect(Object.keys(written(keeping({ auths: HUB }, asked)).auths)).toEqual([OWN_HOST]);
    expect(Object.keys(written(keeping('FAKE', asked)).auths)).toEqual([OWN_HOST]);
  });

  it('stay as they are if the annotation is "true", and nothing else of the config does', () => {
    const config = written(keeping({ auths: HUB, credsStore: 'desktop' }));
    expect(config).toEqual({ auths: { [OWN_HOST]: expect.anything(), ...HUB } });
  });

  it.each([
    ['our registry', OWN_HOST, 'bob'],
    ['our registry as a URL', `https://${OWN_HOST}/v2/`, 'bob'],
    ['a path of our registry', `${OWN_HOST}/team`, 'bob'],
    ['our registry in capitals', OWN_HOST.toUpperCase(), 'bob'],
    ['another private registry of ECR', '999988887777.dkr.ecr.ap-south-1.amazonaws.com', 'bob'],
    ['another one as a URL', 'https://999988887777.dkr-ecr.ap-south-1.on.aws:443/v1/', 'bob'],
    ['a pattern for registries of ECR', '*.dkr.ecr.ap-south-1.amazonaws.com', 'bob'],
    ['a pattern for their regions', '1111*.d*r.*.*-*.amazonaws.com', 'bob'],
    ['a pattern for registries of ECR that IPv6 reaches', 'https://*.*.*.on.aws/v2/', 'bob'],
    ['a pattern for any domain', '*.*.*.*.*.*', 'bob'],
    ['a registry of ECR with a user in front', `bob@${OWN_HOST}`, 'bob'],
    ['a registry of ECR with a query', `${OWN_HOST}?x`, 'bob'],
    ['a registry of ECR with a fragment', `https://${OWN_HOST}#x`, 'bob'],
    ['a mirror that older settings listed', 'old-mirror.example.com', 'AWS'],
  ])('do not include %s', (_, key, user) => {
    const entries = [
      { auth: auth(user) },
      { username: user, password: 'pw' },
      { Username: user, PASSWORD: 'pw' },
      { username: user, password: 'pw', auth: auth(user) },
    ];
    for (const entry of entries) {
      const { auths } = written(keeping({ auths: { [key]: entry, ...HUB } }));
      expect(Object.keys(auths)).toEqual([OWN_HOST, ...Object.keys(HUB)]);
      expect(auths[OWN_HOST]).toMatchObject({ username: 'AWS', password: token(12).password });
    }
  });

  it.each([
    '*.azurecr.io',
    'registry-*.example.com',
    'https://*.gitlab.example.com:5050/v2/',
    '*.com',
    '*.*.example.com',
  ])('include the pattern %s, which means no registry of ECR', (key) => {
    const entry = { auth: auth('bob') };
    expect(written(keeping({ auths: { [key]: entry } })).auths).toMatchObject({ [key]: entry });
  });

  it('give way to ours, however their keys write the host', () => {
    for (const key of [
      'bob@mirror.example.com',
      'mirror.example.com?x',
      'https://bob@MIRROR.example.com/v1/#x',
    ]) {
      const rest = dockerConfigJson.rest!.of(keeping({ auths: { [key]: { auth: auth('bob') } } }));
      const grants = [{ host: 'mirror.example.com', token: token(12) }];
      const data = dockerConfigJson.write(grants, FORM, rest?.kind === 'kept' ? rest.text : undefined);
      const { auths } = JSON.parse(Buffer.from(data[KEY]!, 'base64').toString()) as { auths: object };
      expect(Object.keys(auths)).toEqual(['mirror.example.com']);
    }
  });

  it('may have any key', () => {
    const text = '{"auths":{"__proto__":{"auth":"YTpi"},"constructor":{"auth":"YTpi"},"7":{"auth":"YTpi"}}}';
    expect(Object.keys(written(keeping(text)).auths).sort()).toEqual(
      ['7', '__proto__', 'constructor', OWN_HOST].sort(),
    );
  });

  it('may be none', () => {
    for (const content of ['{"auths":{}}', '{}'])
      expect(Object.keys(written(keeping(content)).auths)).toEqual([OWN_HOST]);
  });

  it.each([
    ['FAKE', 'FAKE'],
    ['no text', ''],
    ['a list', '[]'],
    ['null', 'null'],
    ['a list of entries', '{"auths":[]}'],
    ['no entries', '{"auths":null}'],
    ['an entry that is a text', '{"auths":{"a":"b"}}'],
    ['an entry that is null', '{"auths":{"a":null}}'],
    ['the old form, which has no auths', '{"https://index.docker.io/v1/":{"auth":"Ym9iOnB3"}}'],
    ['entries in another field, which programs in Go read as auths', '{"AUTHS":{"a":{"auth":"Ym9iOnB3"}}}'],
    ['entries in two fields, which programs in Go read as one', '{"auths":{},"Auths":{"a":{}}}'],
    ['an entry that is nested too deeply', `{"auths":{"a":${'['.repeat(30_000)}${']'.repeat(30_000)}}}`],
    ['a field that is nested too deeply', `{"auths":{"a":{"x":${'['.repeat(30_000)}${']'.repeat(30_000)}}}}`],
    ['nothing', undefined],
  ])('cannot be kept in %s, so the Secret is refused before they are lost', (_, content) => {
    expect(dockerConfigJson.rest!.of(keeping(content))).toMatchObject({
      kind: 'refused',
      message: expect.stringContaining('has to be a Docker config'),
    });
  });

  it.each(['yes', 'True', '', '1'])('are not lost because of a typing error: "%s" is refused', (asked) => {
    expect(dockerConfigJson.rest!.of(keeping({ auths: HUB }, asked))).toMatchObject({
      kind: 'refused',
      message: expect.stringContaining('"true" or "false"'),
    });
  });

  it('may take as many characters as the limit says, and not one more', () => {
    const ofLength = (length: number) => {
      const entry = (padding: number) => ({ 'registry.example.com': { auth: 'x'.repeat(padding) } });
      return { auths: entry(length - JSON.stringify(entry(0)).length) };
    };
    const rest = dockerConfigJson.rest!.of(keeping(ofLength(MOST_OTHER_AUTHS)));
    expect(rest).toMatchObject({ kind: 'kept' });
    expect(rest?.kind === 'kept' && rest.text.length).toBe(MOST_OTHER_AUTHS);
    const refused = dockerConfigJson.rest!.of(keeping(ofLength(MOST_OTHER_AUTHS + 1)));
    expect(refused).toMatchObject({ kind: 'refused', message: expect.stringContaining('65537 characters') });
    expect(JSON.stringify(refused)).not.toContain('xxx');
  });

  it('do not disturb the reading of a stored Secret, whatever it holds', () => {
    const nested = `{"x":${'['.repeat(30_000)}${']'.repeat(30_000)}}`;
    for (const key of [OWN_HOST, 'docker.io'])
      expect(dockerConfigJson.read(keeping(`{"auths":{"${key}":${nested}}}`)).isOurForm).toBe(false);
  });

  it('are no reason to take the credentials beside them for foreign ones', () => {
    const old = filledSecret(11);
    const { auths } = JSON.parse(Buffer.from(old.data![KEY]!, 'base64').toString()) as { auths: object };
    const hosts = [OWN_HOST, 'mirror.example.com'];
    const read = (content: object, asked?: string) => {
      const { logins, isOurForm } = dockerConfigJson.read(keeping(content, asked));
      return isOurForm ? logins : undefined;
    };
    expect([...(read({ auths: { ...auths, ...HUB } })?.keys() ?? [])]).toEqual(hosts);
    expect(read({ auths: { ...auths, ...HUB } }, 'false')).toBeUndefined();
    // What older settings filled counts, so that the webhook writes the Secret again without it.
    const stale = { username: 'AWS', password: 'pw', auth: auth('AWS') };
    expect(read({ auths: { ...auths, 'old.example.com': stale } })?.size).toBe(3);
  });
});
