import { setTimeout as sleep } from 'node:timers/promises';
import { eventually, install, type Cluster, type Installation } from '@ecr-anywhere/local-installation';
import { StoryError, type Narrator } from './narrator.ts';
import { regionsAndProfiles } from './regions-and-profiles.ts';
import { pull, type Registry } from './registry-client.ts';
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
export const SETTINGS = { REFRESH_THRESHOLD: '12s', REFRESH_MARGIN: '2s' };
/** The webhook renews its token up to a tenth earlier, and no more often than this. */
const BETWEEN_RENEWALS = 1_800;
const WEBHOOK_SETTINGS = { TOKEN_REUSE: '2s', AWS_TIMEOUT: '3s' };
/** Longer than TOKEN_REUSE, so that the webhook has to renew its token. */
export const YOUTH = 2_500;
const SHORT_TOKEN = 20_000;
const LONG_TOKEN = 25_000;
const IMAGE = { repository: 'test', tag: 'latest' };

/**
 * The whole story of the README.
 *
 * @param folder - for a file that the installation reads as long as it runs
 * @param stop - ends the story early, and what it installed
 * @throws StoryError if something is not as the README says; the reason of `stop`
 */
export async function tellStory(
  cluster: Cluster,
  folder: string,
  tell: Narrator,
  stop: AbortSignal,
): Promise<Installation> {
  await withoutWebhook(cluster, tell);
  tell.chapter('ECR Anywhere is installed');
  const installation = await install(cluster, {
    tokenLifetime: SHORT_TOKEN,
    env: SETTINGS,
    webhookEnv: WEBHOOK_SETTINGS,
  });
  const scene: Scene = { installation, aws: installation.aws, tell, stop };
  try {
    tell.see('The webhook has a token from AWS, and is ready.', installation.service.ready.length === 1);
    await firstPull(scene);
    await refresh(scene);
    await awsGoesAway(scene);
    await awsComesBack(scene);
    await regionsAndProfiles({ installation, tell, folder, settings: SETTINGS });
    tell.say(
      'That was the whole story. "npm run demo -- --keep" leaves everything running, and prints commands to try.',
    );
    return installation;
  } catch (error) {
    await installation.uninstall();
    throw error;
  }
}

/** What a chapter needs. */
interface Scene {
  readonly installation: Installation;
  readonly aws: Installation['aws'];
  readonly tell: Narrator;
  readonly stop: AbortSignal;
}

async function withoutWebhook(cluster: Cluster, tell: Narrator): Promise<void> {
  tell.chapter('Before ECR Anywhere');
  tell.say(
    'A line with $ is what you would type on a cluster. The demo does the same through the API. ' +
      'The Secret has the name, the label and the content of the one in the README. The content is "FAKE".',
  );
  await applyNamespace({ cluster });
  tell.act('kubectl apply -f secret.yaml');
  const answer = await applySecret({ cluster }, 'ecr-secret');
  tell.see('The API server refuses the Secret.', answer.status === 422, asKubectl(answer));
  tell.quote(asKubectl(answer));
}

async function firstPull({ installation, aws, tell }: Scene): Promise<void> {
  tell.chapter('The same Secret again');
  tell.act('kubectl apply -f secret.yaml');
  const answer = await applySecret(installation, 'ecr-secret');
  tell.see('The webhook fills the Secret with credentials.', answer.status === 201, asKubectl(answer));
  const secret = await readSecret(installation, 'ecr-secret');
  tell.quote(`expires_at: ${annotation(secret, 'expires_at')} (in ${seconds(lifeLeft(secret))})`);
  tell.say("In the demo, AWS's tokens live for seconds. Real ones live for 12 hours.");

  tell.act(`crictl pull --creds AWS:made-up ${aws.registryHost}/test:latest`);
  const refused = await pull(registryOf(aws), IMAGE, { username: 'AWS', password: 'made-up' });
  tell.see(
    'The registry refuses a made-up password (401).',
    refused.status === 401,
    `it got ${refused.status}`,
  );
  tell.act(`crictl pull --creds "AWS:$PASSWORD_IN_THE_SECRET" ${aws.registryHost}/test:latest`);
  const pulled = await pull(registryOf(aws), IMAGE, credentialsFor(secret, aws.registryHost));
  tell.see(
    `The credentials in the Secret pull the image: its manifest and ${pulled.blobs} blobs.`,
    pulled.status === 200,
  );
}

async function refresh({ installation, aws, tell, stop }: Scene): Promise<void> {
  tell.chapter('Credentials expire soon');
  aws.setTokenLifetime(LONG_TOKEN);
  tell.say('AWS now issues tokens that live longer. Two more Secrets get such a token.');
  await newTokenInUse(installation, stop);
  for (const name of ['later-1', 'later-2']) {
    const answer = await applySecret(installation, name);
    if (answer.status !== 201) throw new StoryError(asKubectl(answer));
  }
  tell.say(
    `Waiting until the credentials in "ecr-secret" live for less than ${SETTINGS.REFRESH_THRESHOLD} …`,
  );
  await until(installation, 'ecr-secret', 12_000, stop);
  tell.act('refresher --dry-run');
  const plan = await installation.refresh(['--dry-run'], SETTINGS);
  tell.quoteTable(plan.output.slice(0, -1));
  tell.quote(plan.output.at(-1) ?? '');

  const before = await Promise.all(['later-1', 'later-2'].map((name) => readSecret(installation, name)));
  aws.resetCalls();
  const start = performance.now();
  tell.act('refresher');
  const run = await installation.refresh([], SETTINGS);
  const calls = aws.calls()['GetAuthorizationToken'] ?? 0;
  const renewals = 1 + Math.floor((performance.now() - start) / BETWEEN_RENEWALS);
  tell.quote(run.terminationMessage);
  tell.see('The run succeeds.', run.code === 0, `it ended with ${run.code}`);
  const secret = await readSecret(installation, 'ecr-secret');
  tell.see(
    `The credentials in "ecr-secret" live for another ${seconds(lifeLeft(secret))}.`,
    lifeLeft(secret) > 12_000,
  );
  const after = await Promise.all(['later-1', 'later-2'].map((name) => readSecret(installation, name)));
  tell.see(
    'The two Secrets that were not due are unchanged.',
    after.every(
      ({ metadata }, index) => metadata?.resourceVersion === before[index]?.metadata?.resourceVersion,
    ),
  );
  tell.say(
    'The webhook uses one token for all Secrets. It renews the token by itself: ' +
      `here every ${WEBHOOK_SETTINGS.TOKEN_REUSE}, by default every hour.`,
  );
  tell.see('The run itself caused no call to AWS.', calls <= renewals, `there were ${calls} calls`);
}

async function awsGoesAway({ installation, aws, tell, stop }: Scene): Promise<void> {
  tell.chapter('AWS goes away');
  await newTokenInUse(installation, stop);
  aws.fault({ kind: 'reset' });
  await sleep(YOUTH, undefined, { signal: stop });
  const existing = await readSecret(installation, 'ecr-secret');
  const pulled = await pull(registryOf(aws), IMAGE, credentialsFor(existing, aws.registryHost));
  tell.see('The credentials in existing Secrets still pull images.', pulled.status === 200);

  tell.act('kubectl apply -f another.yaml');
  const bridged = await applySecret(installation, 'during-the-outage');
  tell.see(
    'The webhook fills a new Secret with the token that it has.',
    bridged.status === 201,
    asKubectl(bridged),
  );
  tell.see('It warns whoever writes the Secret.', bridged.warnings.length > 0, 'no warning came');
  for (const warning of bridged.warnings) tell.quote(`Warning: ${warning}`);

  tell.say('Waiting until this token is too old for a new Secret …');
  await until(installation, 'during-the-outage', 14_000, stop);
  tell.act('kubectl apply -f too-late.yaml');
  const refused = await applySecret(installation, 'too-late');
  tell.see(
    'The webhook refuses another new Secret, with the reason.',
    refused.status === 503,
    asKubectl(refused, 'too-late.yaml'),
  );
  tell.quote(asKubectl(refused, 'too-late.yaml'));

  await until(installation, 'during-the-outage', 12_000, stop);
  tell.act('refresher');
  const run = await installation.refresh([], SETTINGS);
  tell.see('The run fails, so its Job fails.', run.code === 1, `it ended with ${run.code}`);
  tell.quote(run.terminationMessage);
}

async function awsComesBack({ installation, aws, tell, stop }: Scene): Promise<void> {
  tell.chapter('AWS comes back');
  aws.fault(undefined);
  tell.say('After an outage, the webhook asks AWS again within half a minute.');
  tell.act('kubectl apply -f too-late.yaml');
  const answer = await unless(
    stop,
    'the webhook serves again',
    async () => {
      const attempt = await applySecret(installation, 'too-late');
      return attempt.status === 201 ? attempt : undefined;
    },
    { within: 30_000 },
  );
  tell.see('The webhook fills the new Secret, without a warning.', answer.warnings.length === 0);
  tell.act('refresher');
  const run = await installation.refresh([], SETTINGS);
  tell.quote(run.terminationMessage);
  tell.see('The run refreshes every Secret that is due.', run.code === 0, `it ended with ${run.code}`);
  const secret = await readSecret(installation, 'during-the-outage');
  const pulled = await pull(registryOf(aws), IMAGE, credentialsFor(secret, aws.registryHost));
  tell.see('Its new credentials pull the image.', pulled.status === 200);
}

function registryOf({ registryUrl, registryHost }: Installation['aws']): Registry {
  return { url: registryUrl, host: registryHost };
}

/** Waits until the webhook uses a new token with a longer lifetime. It renews tokens by itself. */
async function newTokenInUse(installation: Installation, stop: AbortSignal): Promise<void> {
  const metric = /^ecr_anywhere_token_expiry_timestamp_seconds(?:\{[^}]*\})? (\S+)$/m;
  const since = Date.now();
  await unless(stop, 'the webhook has renewed its token', async () => {
    const text = await (await fetch(installation.replicas[0]?.metricsUrl ?? '')).text();
    const issued = Number(metric.exec(text)?.[1]) * 1000 - LONG_TOKEN;
    return Math.abs(issued - Date.now()) < Math.max(2_000, Date.now() - since + 1_000);
  });
}

/** Waits until the credentials in a Secret have less than `milliseconds` left. */
async function until(
  installation: Installation,
  name: string,
  milliseconds: number,
  stop: AbortSignal,
): Promise<void> {
  const secret = await readSecret(installation, name);
  await sleep(Math.max(0, lifeLeft(secret) - milliseconds + 100), undefined, { signal: stop });
}

/** Waits until `condition` holds. @throws the reason of `stop` */
async function unless<T>(
  stop: AbortSignal,
  what: string,
  condition: () => Promise<T | undefined | false>,
  options?: { within: number },
): Promise<T> {
  const value = await eventually(what, async () => (stop.aborted ? 'stopped' : condition()), options);
  stop.throwIfAborted();
  return value as T;
}

function seconds(milliseconds: number): string {
  return `${Math.round(milliseconds / 1000)} s`;
}
