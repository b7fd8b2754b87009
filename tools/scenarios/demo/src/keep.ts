import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { workspaceRoot, type Installation } from '@ecr-anywhere/local-installation';
import { StoryError } from './narrator.ts';
import { withRegionsAndProfiles } from './regions-and-profiles.ts';
import { fakeSecret, NAMESPACE } from './secrets.ts';
import { SETTINGS, YOUTH } from './story.ts';

const HALF_A_DAY = 12 * 3_600_000;

/** Environment variables of the refresher. */
type Settings = Readonly<Record<string, string>>;

/** Keeps the installation running until the signal. Writes files for the commands that it prints into the folder. */
export async function keep(
  installation: Installation,
  folder: string,
  print: (line: string) => void,
  stop: AbortSignal,
): Promise<void> {
  const settings = { ...SETTINGS, ...withRegionsAndProfiles(folder) };
  await renewCredentials(installation, settings, stop);
  await writeFiles(folder, installation, settings);
  print('Everything keeps running until you press Ctrl-C.');
  print('The credentials now live for twelve hours.');
  print('Paste these commands into a second terminal:');
  for (const { purpose, command } of suggestions(folder, installation)) print(`\n${purpose}\n  ${command}`);
  print(`\nThe files are in ${folder}`);
  print('Ctrl-C ends everything, and deletes these files.');
  await new Promise<void>((ended) => {
    if (stop.aborted) ended();
    stop.addEventListener('abort', () => ended(), { once: true });
  });
}

/** The tokens of the story live for seconds. */
async function renewCredentials(
  { aws, refresh }: Installation,
  settings: Settings,
  stop: AbortSignal,
): Promise<void> {
  aws.setTokenLifetime(HALF_A_DAY);
  await sleep(YOUTH, undefined, { signal: stop });
  const { code, terminationMessage } = await refresh(['--force'], settings);
  if (code !== 0) throw new StoryError(`The last run of the refresher failed: ${terminationMessage}`);
}

/** A command that can be pasted as it is. */
interface Suggestion {
  /** A sentence of at most 60 characters. */
  readonly purpose: string;
  readonly command: string;
}

function suggestions(folder: string, { aws, cluster, service, replicas }: Installation): Suggestion[] {
  const root = workspaceRoot();
  const withFile = (name: string) => `env $(cat ${folder}/${name})`;
  const refresher = `${withFile('refresher.env')} node ${root}/apps/refresher/dist/main.js`;
  const cli = `node ${root}/libs/ecr-token/dist/esm/cli`;
  const withKeys = withFile('aws.env');
  const secrets = `${cluster.connection.url}/api/v1/namespaces/${NAMESPACE}/secrets`;
  // An answer of curl without a line break would stand before the next prompt.
  const curl = `curl -sS -w '\\n'`;
  const fault = `curl -sS -o /dev/null -X PUT ${aws.endpoint}/_emulator/fault -d`;
  return [
    { purpose: 'Which Secrets are due? Run the refresher:', command: `${refresher} --dry-run` },
    { purpose: 'Refresh every Secret, due or not:', command: `${refresher} --force` },
    {
      purpose: 'Read a Secret (this API server is too small for kubectl):',
      command: `${curl} ${secrets}/ecr-secret`,
    },
    {
      purpose: 'Send a review to the webhook, as the API server does:',
      command: `${curl} --cacert ${folder}/ca.crt -H 'content-type: application/json' -d @${folder}/review.json https://127.0.0.1:${service.port}/sync`,
    },
    {
      purpose: 'Read the metrics of one replica of the webhook:',
      command: `curl -sS ${replicas[0]?.metricsUrl} | grep ^ecr_anywhere`,
    },
    { purpose: 'See the keys of the stand-in for AWS:', command: `cat ${folder}/aws.env` },
    {
      purpose: 'Get a Docker config with these keys:',
      command: `${withKeys} ${cli}/ecr-token.js docker-config`,
    },
    {
      purpose: "Ask Docker's credential helper:",
      command: `echo ${aws.registryHost} | ${withKeys} ${cli}/docker-credential.js get`,
    },
    {
      purpose: "Pull an image's manifest from the registry:",
      command: `${curl} -u "AWS:$(${withKeys} ${cli}/ecr-token.js password)" ${aws.registryUrl}/v2/test/manifests/latest`,
    },
    {
      purpose: 'Make AWS unreachable, and try the commands again:',
      command: `${fault} '{"fault":{"kind":"reset"}}'`,
    },
    { purpose: 'Make AWS reachable again:', command: `${fault} '{}'` },
  ];
}

async function writeFiles(
  folder: string,
  { aws, authority, cluster }: Installation,
  settings: Settings,
): Promise<void> {
  // An empty variable replaces one of the user's, which would name another identity.
  const identity = { AWS_REGION: 'us-east-1', AWS_PROFILE: '', AWS_ROLE_ARN: '' };
  const files = {
    kubeconfig: await readFile(cluster.kubeconfigFile, 'utf8'),
    'ca.crt': authority.cert,
    'review.json': JSON.stringify(REVIEW),
    'refresher.env': lines({ KUBECONFIG: join(folder, 'kubeconfig'), ...identity, ...settings }),
    'aws.env': lines({
      ...identity,
      AWS_ENDPOINT_URL: aws.endpoint,
      AWS_ACCESS_KEY_ID: aws.accessKeys.accessKeyId,
      AWS_SECRET_ACCESS_KEY: aws.accessKeys.secretAccessKey,
      AWS_SESSION_TOKEN: '',
    }),
  };
  for (const [name, content] of Object.entries(files)) {
    await writeFile(join(folder, name), content, { mode: 0o600 });
  }
}

function lines(variables: Readonly<Record<string, string>>): string {
  return Object.entries(variables)
    .map(([name, value]) => `${name}=${value}\n`)
    .join('');
}

/** What the API server sends when somebody creates a Secret. */
const REVIEW = {
  apiVersion: 'admission.k8s.io/v1',
  kind: 'AdmissionReview',
  request: {
    uid: '00000000-0000-4000-8000-000000000000',
    kind: { group: '', version: 'v1', kind: 'Secret' },
    resource: { group: '', version: 'v1', resource: 'secrets' },
    namespace: NAMESPACE,
    name: 'by-hand',
    operation: 'CREATE',
    dryRun: true,
    userInfo: { username: 'you' },
    object: fakeSecret('by-hand'),
  },
};
