import { eventually } from '@ecr-anywhere/local-installation';
import type { InstalledCluster } from './cluster.ts';
import { nodeProgram } from './node-program.ts';

/** A review that a pod sends. */
export interface Question {
  readonly path: string;
  readonly headers?: Readonly<Record<string, string>>;
  /** A client certificate and its key, in PEM. */
  readonly certificate?: { readonly cert: string; readonly key: string };
}

/** What the pod got. */
export interface Reply {
  readonly status: number;
  /** Whether the answer has a patch, and so a credential. */
  readonly hasPatch: boolean;
}

/** Runs in the pod. The termination message is the result. */
const PROGRAM = `
const { request } = require('node:https');
const { host, body, questions } = JSON.parse(process.env.ASK);
const ask = ({ path, headers, certificate }) => new Promise((resolve, reject) => {
  const sent = request({ host, path, method: 'POST', rejectUnauthorized: false, agent: false, timeout: 10_000,
    headers: { 'content-type': 'application/json', ...headers }, ...certificate }, (response) => {
    let text = '';
    response.on('data', (part) => (text += part));
    response.on('end', () => resolve({ status: response.statusCode, hasPatch: text.includes('"patch"') }));
  });
  sent.on('error', reject).end(body);
});
Promise.all(questions.map(ask)).then((replies) => require('node:fs').writeFileSync('/dev/termination-log', JSON.stringify(replies)));
`;

let pods = 0;

/** Sends reviews to a host from a pod without any rights, one for each question. */
export async function askFromPod(
  { api }: InstalledCluster,
  namespace: string,
  ask: { readonly host: string; readonly body: string; readonly questions: readonly Question[] },
): Promise<Reply[]> {
  const path = `/api/v1/namespaces/${namespace}/pods`;
  const name = `stranger-${++pods}`;
  const created = await api.create(path, {
    metadata: { name },
    spec: {
      restartPolicy: 'Never',
      ...nodeProgram(PROGRAM, { ASK: JSON.stringify(ask) }),
    },
  });
  if (created.status !== 201) throw new Error(created.body.message);
  const message = await eventually(
    'the pod has asked',
    async () =>
      ((await api.get(`${path}/${name}`)) as { body: Pod }).body.status?.containerStatuses?.[0]?.state
        .terminated,
    { within: 60_000, every: 200 },
  );
  if (message.exitCode !== 0) throw new Error(`The pod failed: ${JSON.stringify(message)}`);
  return JSON.parse(message.message ?? '[]') as Reply[];
}

interface Pod {
  readonly status?: {
    readonly containerStatuses?: readonly {
      readonly state: { readonly terminated?: { readonly exitCode: number; readonly message?: string } };
    }[];
  };
}
