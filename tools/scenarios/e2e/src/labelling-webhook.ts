import { once } from 'node:events';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { createCertificateAuthority, type Cluster } from '@ecr-anywhere/local-installation';

const CONFIGURATIONS = '/apis/admissionregistration.k8s.io/v1/mutatingwebhookconfigurations';

/** The API server calls webhooks in the order of the names of their configurations. */
const BEFORE_OURS = 'a-labelling-webhook';

/** A webhook of somebody else. It writes another value into a label of a Secret at each update. */
export interface LabellingWebhook {
  readonly label: string;
  /** Removes it from the cluster. */
  stop(): Promise<void>;
}

/** Starts it, and registers it so that the API server calls it before ours. */
export async function startLabellingWebhook({ api }: Pick<Cluster, 'api'>): Promise<LabellingWebhook> {
  const label = 'last-write';
  let writes = 0;
  const authority = await createCertificateAuthority('labelling');
  const server = createServer(await authority.issue(), (request, response) => {
    let body = '';
    request.setEncoding('utf8').on('data', (part: string) => (body += part));
    request.on('end', () => {
      const { request: asked, apiVersion } = JSON.parse(body) as Review;
      const patch = [{ op: 'add', path: `/metadata/labels/${label}`, value: String((writes += 1)) }];
      const answer = {
        uid: asked.uid,
        allowed: true,
        patchType: 'JSONPatch',
        patch: Buffer.from(JSON.stringify(patch)).toString('base64'),
      };
      response.setHeader('content-type', 'application/json');
      response.end(JSON.stringify({ apiVersion, kind: 'AdmissionReview', response: answer }));
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const { status, body } = await api.create(CONFIGURATIONS, {
    metadata: { name: BEFORE_OURS },
    webhooks: [
      {
        name: 'labels.example.com',
        admissionReviewVersions: ['v1'],
        clientConfig: {
          url: `https://127.0.0.1:${port}/`,
          caBundle: Buffer.from(authority.cert).toString('base64'),
        },
        rules: [{ operations: ['UPDATE'], apiGroups: [''], apiVersions: ['v1'], resources: ['secrets'] }],
        objectSelector: { matchLabels: { 'ecr-anywhere.centml.ai/managed': 'true' } },
        failurePolicy: 'Fail',
        sideEffects: 'None',
      },
    ],
  });
  if (status !== 201) throw new Error(body.message);
  return {
    label,
    async stop() {
      await api.delete(`${CONFIGURATIONS}/${BEFORE_OURS}`);
      server.close();
      server.closeAllConnections();
    },
  };
}

interface Review {
  readonly apiVersion: string;
  readonly request: { readonly uid: string };
}
