import * as z from 'zod';

// As kubectl decodes k8s.io/client-go/tools/clientcmd/api/v1: unknown fields are ignored, and null and an empty string are
// the same as an absent field.

const expected = (what: string) => ({ error: `expected ${what}` });

const text = z
  .string(expected('a string'))
  .nullish()
  .transform((value) => value || undefined);

const flag = z
  .boolean(expected('true or false'))
  .nullish()
  .transform((value) => value ?? false);

const BASE64 = /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/;

/** PEM, in base64. */
const data = z
  .string(expected('a string'))
  .transform((value) => value.replaceAll(/[\r\n]/g, ''))
  .pipe(z.string().regex(BASE64, expected('base64')))
  .nullish()
  .transform((value) => (value ? Buffer.from(value, 'base64').toString() : undefined));

function list<Entry extends z.ZodType>(entry: Entry) {
  return z
    .array(entry, expected('a list'))
    .nullish()
    .transform((value): z.output<Entry>[] => value ?? []);
}

function fields<Shape extends z.ZodRawShape>(shape: Shape) {
  return z.preprocess((value) => value ?? {}, z.object(shape, expected('a mapping')));
}

const cluster = fields({
  server: text,
  'tls-server-name': text,
  'insecure-skip-tls-verify': flag,
  'certificate-authority': text,
  'certificate-authority-data': data,
  'proxy-url': text,
  'disable-compression': flag,
  extensions: list(fields({ name: text, extension: z.unknown().optional() })),
});

const exec = fields({
  command: text,
  args: list(z.string(expected('a string'))),
  env: list(fields({ name: text, value: text })),
  apiVersion: text,
  installHint: text,
  provideClusterInfo: flag,
  interactiveMode: text,
});

const user = fields({
  'client-certificate': text,
  'client-certificate-data': data,
  'client-key': text,
  'client-key-data': data,
  token: text,
  tokenFile: text,
  as: text,
  'as-uid': text,
  'as-groups': list(z.string(expected('a string'))),
  'as-user-extra': z
    .record(z.string(), list(z.string(expected('a string'))), expected('lists by name'))
    .nullish()
    .transform((value) => value ?? {}),
  username: text,
  password: text,
  'auth-provider': z.unknown().optional(),
  exec: exec.nullish(),
});

const context = fields({ cluster: text, user: text, namespace: text });

/** The content of a kubeconfig file. */
export const kubeconfigSchema = fields({
  kind: z.literal(['Config', ''], expected('Config')).nullish(),
  apiVersion: z.literal(['v1', ''], expected('v1')).nullish(),
  'current-context': text,
  clusters: list(fields({ name: text, cluster })),
  users: list(fields({ name: text, user })),
  contexts: list(fields({ name: text, context })),
});

export type Cluster = z.output<typeof cluster>;
export type User = z.output<typeof user>;
export type Exec = z.output<typeof exec>;
export type Context = z.output<typeof context>;
