import { join } from 'node:path';
import { eventually, workspaceRoot } from '@ecr-anywhere/local-installation';
import type { EcrStandIn } from './ecr-stand-in.ts';
import { IMAGES } from './images.ts';
import { SERVED_BY } from './secrets.ts';
import type { Testbed } from './testbed.ts';

/** The release, its namespace, its Deployment, its CronJob and its webhook configuration. */
export const RELEASE = 'ecr-anywhere';
export const REPLICAS = 2;

// Prints the refresher's use of CPU and memory when it ends. No quotes: NODE_OPTIONS cannot hold them.
const USAGE = 'process.on(`exit`,()=>console.log(`used `+JSON.stringify(process.resourceUsage())))';

/** Installs the chart with its defaults, except: every Secret is always due, and the CronJob starts no run by itself. */
export async function installChart(testbed: Testbed, ecr: EcrStandIn): Promise<void> {
  const values = {
    image: IMAGES,
    deployment: { replicas: REPLICAS },
    pod: { container: { env: ecr.env } },
    cronjob: { suspend: true, backoffLimit: 0 },
    refresher: {
      extraEnv: [
        { name: 'FORCE', value: 'true' },
        {
          name: 'NODE_OPTIONS',
          value: `--import=data:text/javascript,${encodeURIComponent(USAGE)}`,
        },
      ],
    },
  };
  const chart = join(workspaceRoot(), 'charts', 'ecr-anywhere');
  await testbed.helm(
    [
      ...['install', RELEASE, chart, '-n', RELEASE, '--create-namespace'],
      ...['-f', '-', '--wait', '--timeout', '3m'],
    ],
    JSON.stringify(values),
  );
  const configuration = `/apis/admissionregistration.k8s.io/v1/mutatingwebhookconfigurations/${RELEASE}`;
  await eventually('cert-manager has put the CA into the configuration', async () => {
    const { body } = await testbed.api.get(configuration);
    const [webhook] = body['webhooks'] as { clientConfig: { caBundle?: string } }[];
    return webhook?.clientConfig.caBundle !== undefined;
  });
  // A label on the namespace chooses the webhook.
  const expression = { key: SERVED_BY, operator: 'NotIn', values: ['bare', 'none'] };
  const path = '/webhooks/0/namespaceSelector/matchExpressions';
  await testbed.api.patch(configuration, [{ op: 'add', path, value: [expression] }], 'json');
}
