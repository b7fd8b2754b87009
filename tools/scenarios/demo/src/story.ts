import { setTimeout as sleep } from 'node:timers/promises';
import { eventually, install, type Cluster, type Installation } from '@ecr-anywhere/local-installation';
import { StoryError, type Narrator } from './narrator.ts';
import { pull } from './registry-client.ts';
import {
  annotation,
  applyNamespace,
  applySecret,
  asKubectl,
  credentialsFor,
  lifeLeft,
  readSecret,
} from './secrets.ts';

/** The only difference to a real installation: tokens live for seconds instead of twelve hours. */
const SETTINGS = { REFRESH_THRESHOLD: '12s', REFRESH_MARGIN: '2s' };
const WEBHOOK_SETTINGS = { TOKEN_REUSE: '2s', AWS_TIMEOUT: '3s' };
/** Longer than TOKEN_REUSE, so that the webhook has to renew its token. */
export const YOUTH = 2_500;
const SHORT_TOKEN = 20_000;
const LONG_TOKEN = 25_000;
const IMAGE = { repository: 'test', tag: 'latest' };

/** The whole story of the README. @throws StoryError if something is not as the README says */
export async function tellStory(cluster: Cluster, tell: Narrator): Promise<Installation> {
  await withoutWebhook(cluster, tell);
  tell.chapter('ECR Anywhere is installed');
  const installation = await install(cluster, {
    tokenLifetime: SHORT_TOKEN,
    env: SETTINGS,
    webhookEnv: WEBHOOK_SETTINGS,
  });
  try {
    tell.see('the webhook holds a first token and is ready', installation.service.ready.length === 1);
    await firstPull(installation, tell);
    await refresh(installation, tell);
    await awsGoesAway(installation, tell);
    await awsComesBack(installation, tell);
    return installation;
  } catch (error) {
    await installation.uninstall();
    throw error;
  }
}

async function withoutWebhook(cluster: Cluster, tell: Narrator): Promise<void> {
  tell.chapter('Before ECR Anywhere');
  tell.say('A namespace and a pull Secret, word for word as in the README: its data is "FAKE".');
  await applyNamespace({ cluster });
  tell.act('kubectl apply -f secret.yaml');
  const answer = await applySecret({ cluster }, 'ecr-secret');
  tell.see('the API server itself refuses it', answer.status === 422, asKubectl(answer));
  tell.quote(asKubectl(answer));
}

async function firstPull(installation: Installation, tell: Narrator): Promise<void> {
  const { aws } = installation;
  tell.chapter('The same Secret again');
  tell.act('kubectl apply -f secret.yaml');
  const answer = await applySecret(installation, 'ecr-secret');
  tell.see('the webhook has put credentials in as it was written', answer.status === 201, asKubectl(answer));
  const secret = await readSecret(installation, 'ecr-secret');
  tell.quote(`expires_at: ${annotation(secret, 'expires_at')}  (in ${seconds(lifeLeft(secret))})`);

  tell.act(`crictl pull --creds AWS:made-up ${aws.registryHost}/test:latest`);
  const refused = await pull(aws.registryUrl, IMAGE, { username: 'AWS', password: 'made-up' });
  tell.see(
    'a made-up password gets 401 from the registry',
    refused.status === 401,
    `it got ${refused.status}`,
  );
  tell.act(`crictl pull ${aws.registryHost}/test:latest   # with the Secret`);
  const pulled = await pull(aws.registryUrl, IMAGE, credentialsFor(secret, aws.registryHost));
  tell.see(`the injected ones pull the image: manifest and ${pulled.blobs} blobs`, pulled.status === 200);
}

async function refresh(installation: Installation, tell: Narrator): Promise<void> {
  const { aws } = installation;
  tell.chapter('Tokens run low');
  aws.setTokenLifetime(LONG_TOKEN);
  tell.say('AWS now issues longer tokens. Two more Secrets are written with one of them.');
  await newTokenInUse(installation);
  for (const name of ['later-1', 'later-2']) {
    const answer = await applySecret(installation, name);
    if (answer.status !== 201) throw new StoryError(asKubectl(answer));
  }
  tell.say(`Waiting until "ecr-secret" has less than ${SETTINGS.REFRESH_THRESHOLD} left …`);
  await until(installation, 'ecr-secret', 12_000);
  tell.act('refresher --dry-run');
  const plan = await installation.refresh(['--dry-run'], SETTINGS);
  for (const line of plan.output) tell.quote(line);

  const before = await Promise.all(['later-1', 'later-2'].map((name) => readSecret(installation, name)));
  aws.resetCalls();
  tell.act('refresher');
  const run = await installation.refresh([], SETTINGS);
  tell.quote(run.terminationMessage);
  tell.see('the run succeeds', run.code === 0, `it ended with ${run.code}`);
  const calls = aws.calls()['GetAuthorizationToken'] ?? 0;
  tell.see(`it cost ${calls} call${calls === 1 ? '' : 's'} to ECR`, calls <= 1, 'at most one was promised');
  const secret = await readSecret(installation, 'ecr-secret');
  tell.see(`"ecr-secret" is good for another ${seconds(lifeLeft(secret))}`, lifeLeft(secret) > 12_000);
  const after = await Promise.all(['later-1', 'later-2'].map((name) => readSecret(installation, name)));
  tell.see(
    'the two that were not due were not touched',
    after.every(
      ({ metadata }, index) => metadata?.resourceVersion === before[index]?.metadata?.resourceVersion,
    ),
  );
}

async function awsGoesAway(installation: Installation, tell: Narrator): Promise<void> {
  const { aws } = installation;
  tell.chapter('AWS goes away');
  await newTokenInUse(installation);
  aws.fault({ kind: 'reset' });
  await sleep(YOUTH);
  const existing = await readSecret(installation, 'ecr-secret');
  const pulled = await pull(aws.registryUrl, IMAGE, credentialsFor(existing, aws.registryHost));
  tell.see('Secrets that exist go on working', pulled.status === 200);

  tell.act('kubectl apply -f another.yaml');
  const bridged = await applySecret(installation, 'during-the-outage');
  tell.see('a new one is filled from the cached token', bridged.status === 201, asKubectl(bridged));
  tell.see('with a warning', bridged.warnings.length > 0, 'no warning came');
  for (const warning of bridged.warnings) tell.quote(`Warning: ${warning}`);

  tell.say('Waiting until that token has too little life left to hand on …');
  await until(installation, 'during-the-outage', 14_000);
  tell.act('kubectl apply -f too-late.yaml');
  const refused = await applySecret(installation, 'too-late');
  tell.see('now a new Secret is refused, with the reason', refused.status === 503, asKubectl(refused));
  tell.quote(asKubectl(refused));

  await until(installation, 'during-the-outage', 12_000);
  tell.act('refresher');
  const run = await installation.refresh([], SETTINGS);
  tell.see(
    'and the refresher fails its Job, for everybody to see',
    run.code === 1,
    `it ended with ${run.code}`,
  );
  tell.quote(run.terminationMessage);
}

async function awsComesBack(installation: Installation, tell: Narrator): Promise<void> {
  const { aws } = installation;
  tell.chapter('AWS comes back');
  aws.fault(undefined);
  // After an outage, the webhook tries again within half a minute.
  const answer = await eventually(
    'the webhook serves again',
    async () => {
      const attempt = await applySecret(installation, 'too-late');
      return attempt.status === 201 ? attempt : undefined;
    },
    { within: 30_000 },
  );
  tell.see('a new Secret is accepted again, with no warning', answer.warnings.length === 0);
  tell.act('refresher');
  const run = await installation.refresh([], SETTINGS);
  tell.quote(run.terminationMessage);
  tell.see('the next run repairs all', run.code === 0, `it ended with ${run.code}`);
  const secret = await readSecret(installation, 'during-the-outage');
  const pulled = await pull(aws.registryUrl, IMAGE, credentialsFor(secret, aws.registryHost));
  tell.see('and the images pull', pulled.status === 200);
}

/** Waits until the webhook uses a new token with a longer lifetime. It renews tokens by itself. */
async function newTokenInUse(installation: Installation): Promise<void> {
  const metric = /^ecr_anywhere_token_expiry_timestamp_seconds(?:\{[^}]*\})? (\S+)$/m;
  const since = Date.now();
  await eventually('the webhook has renewed its token', async () => {
    const text = await (await fetch(installation.replicas[0]?.metricsUrl ?? '')).text();
    const issued = Number(metric.exec(text)?.[1]) * 1000 - LONG_TOKEN;
    return Math.abs(issued - Date.now()) < Math.max(2_000, Date.now() - since + 1_000);
  });
}

/** Waits until the credentials in a Secret have less than `milliseconds` left. */
async function until(installation: Installation, name: string, milliseconds: number): Promise<void> {
  const secret = await readSecret(installation, name);
  await sleep(Math.max(0, lifeLeft(secret) - milliseconds + 100));
}

function seconds(milliseconds: number): string {
  return `${Math.round(milliseconds / 1000)} s`;
}
