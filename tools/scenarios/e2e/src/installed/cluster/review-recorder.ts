import { createCertificateAuthority, eventually } from '@ecr-anywhere/local-installation';
import { isSuccess } from '../../traffic.ts';
import type { Stage } from '../../stage.ts';
import type { InstalledCluster } from './cluster.ts';
import { nodeProgram } from './node-program.ts';

const NAME = 'a-review-recorder';
const CONFIGURATIONS = '/apis/admissionregistration.k8s.io/v1/mutatingwebhookconfigurations';

/** Runs in the pod: a webhook that allows everything, and writes each review to its log. */
const PROGRAM = `
const { createServer } = require('node:https');
createServer(JSON.parse(process.env.TLS), (request, response) => {
  let body = '';
  request.setEncoding('utf8').on('data', (part) => (body += part));
  request.on('end', () => {
    console.log(body);
    const { apiVersion, kind, request: { uid } } = JSON.parse(body);
    response.setHeader('content-type', 'application/json');
    response.end(JSON.stringify({ apiVersion, kind, response: { uid, allowed: true } }));
  });
}).listen(8443);
`;

/**
 * Records a review that the API server sends when somebody writes a managed Secret. The API server calls webhooks in the
 * order of the names of their configurations, so it sends the recorder what it then sends ours.
 *
 * @param stage - where the Secret is written
 * @param namespace - where the recorder runs
 * @returns the body of the API server's request
 */
export async function recordReview(
  { api, kubectl }: InstalledCluster,
  stage: Stage,
  namespace: string,
): Promise<string> {
  const authority = await createCertificateAuthority(NAME);
  const { cert, key } = await authority.issue({ names: [`${NAME}.${namespace}.svc`] });
  const metadata = { name: NAME, labels: { app: NAME } };
  const create = async (path: string, object: object) => {
    const { status, body } = await api.create(path, { metadata, ...object });
    if (status !== 201) throw new Error(body.message);
  };
  await create(`/api/v1/namespaces/${namespace}/pods`, {
    spec: {
      terminationGracePeriodSeconds: 0,
      ...nodeProgram(PROGRAM, { TLS: JSON.stringify({ cert, key }) }),
    },
  });
  await create(`/api/v1/namespaces/${namespace}/services`, {
    spec: { selector: { app: NAME }, ports: [{ port: 443, targetPort: 8443 }] },
  });
  await create(CONFIGURATIONS, {
    webhooks: [
      {
        name: 'recorder.example.com',
        admissionReviewVersions: ['v1'],
        clientConfig: {
          service: { namespace, name: NAME },
          caBundle: Buffer.from(authority.cert).toString('base64'),
        },
        rules: [{ operations: ['CREATE'], apiGroups: [''], apiVersions: ['v1'], resources: ['secrets'] }],
        namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': stage.namespace } },
        failurePolicy: 'Ignore',
        sideEffects: 'None',
      },
    ],
  });
  try {
    let writes = 0;
    return await eventually(
      'the API server has sent a review to the recorder',
      async () => {
        if (!isSuccess(await stage.writeFake(`recorded-${++writes}`))) return undefined;
        return (await kubectl(['-n', namespace, 'logs', NAME])).split('\n')[0] || undefined;
      },
      { within: 60_000, every: 500 },
    );
  } finally {
    await api.delete(`${CONFIGURATIONS}/${NAME}`);
    await api.delete(`/api/v1/namespaces/${namespace}/pods/${NAME}`);
  }
}
