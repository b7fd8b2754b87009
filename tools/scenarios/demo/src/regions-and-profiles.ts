import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Installation } from '@ecr-anywhere/local-installation';
import type { Narrator } from './narrator.ts';
import { pull } from './registry-client.ts';
import { applySecret, asKubectl, credentialsFor, NAMESPACE, readSecret } from './secrets.ts';

/** The account of the demo has a registry in each. */
const REGIONS = ['us-east-1', 'eu-west-1'] as const;
const IMAGE = { repository: 'test', tag: 'latest' };

const PROFILES = `profiles:
  - name: team-a
    namespaces: [team-a]
    region: us-east-1
    identity:
      roles: [{ arn: 'arn:aws:iam::222222222222:role/ecr-pull' }]
`;

/** Settings of both programs: several regions, and a file of profiles in the folder. */
export function withRegionsAndProfiles(folder: string): Readonly<Record<string, string>> {
  return { AWS_REGIONS: REGIONS.join(), PROFILES_FILE: join(folder, 'profiles.yaml') };
}

/** What the chapter needs. */
interface Scene {
  readonly installation: Installation;
  readonly tell: Narrator;
  /** For the file of profiles, which has to stay while the installation runs. */
  readonly folder: string;
  /** Settings of the refresher before this chapter. */
  readonly settings: Readonly<Record<string, string>>;
}

/** The installation gets another region and a profile. Both stay. */
export async function regionsAndProfiles(scene: Scene): Promise<void> {
  const { tell } = scene;
  tell.chapter('Another region, and a team with a role of its own');
  await upgrade(scene);
  await pullFromBoth(scene);
  tell.say(`A Secret in the namespace "${NAMESPACE}" now asks for the profile of the other namespace.`);
  tell.act('kubectl apply -f profile-of-team-a.yaml');
  const answer = await applySecret(scene.installation, 'profile-of-team-a', {
    'ecr-anywhere.centml.ai/profile': 'team-a',
  });
  tell.see(
    'The webhook refuses the Secret, and names only the profile that this namespace may use.',
    answer.status === 422,
    asKubectl(answer, 'profile-of-team-a.yaml'),
  );
  tell.quote(asKubectl(answer, 'profile-of-team-a.yaml'));
}

async function upgrade({ installation, tell, folder, settings }: Scene): Promise<void> {
  const more = withRegionsAndProfiles(folder);
  await writeFile(join(folder, 'profiles.yaml'), PROFILES);
  tell.say('The values get a second region, and the profile "team-a" for the namespace "team-a".');
  tell.act(
    'helm upgrade ecr-anywhere ecr-anywhere/ecr-anywhere --version "$VERSION" --namespace=ecr-anywhere --values values.yaml --wait',
  );
  const [before] = installation.replicas;
  const replica = await installation.addReplica(more);
  if (before) await installation.removeReplica(before);
  tell.see(
    'The new webhook has a token for each region, and is ready.',
    installation.service.ready.includes(replica),
  );
  tell.act('refresher');
  const run = await installation.refresh([], { ...settings, ...more });
  tell.quote(run.terminationMessage);
  tell.see('The run refreshes every Secret, as the settings have changed.', run.code === 0);
}

async function pullFromBoth({ installation, tell }: Scene): Promise<void> {
  const { account, registryUrl } = installation.aws;
  const secret = await readSecret(installation, 'ecr-secret');
  const hosts = REGIONS.map((region) => `${account}.dkr.ecr.${region}.amazonaws.com`);
  const wrong: string[] = [];
  for (const host of hosts) {
    tell.act(`crictl pull --creds "AWS:$PASSWORD_FOR_THIS_HOST" ${host}/test:latest`);
    for (const other of hosts) {
      const { status } = await pull({ url: registryUrl, host }, IMAGE, credentialsFor(secret, other));
      if (status !== (host === other ? 200 : 401))
        wrong.push(`${host} answered ${status} to the password for ${other}`);
    }
  }
  tell.see(
    'The Secret has a password for each region. Each opens its own registry, and no other.',
    wrong.length === 0,
    wrong.join('; '),
  );
}
