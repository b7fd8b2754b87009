import { appendFile, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { PAGES, programsOf, readPage, type Block, type Page } from '@ecr-anywhere/getting-started';
import { workspaceRoot } from '@ecr-anywhere/local-installation';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { ACCOUNT, startAws, type AwsInCluster } from './cluster/aws.ts';
import { startChartRepository, type ChartRepository } from './chart/chart-repository.ts';
import { connectCluster, onTestbed, type InstalledCluster } from './cluster/cluster.ts';
import { attempt, command } from './cluster/command.ts';
import { nameOnTestbed, PROGRAMS } from './cluster/images.ts';
import { outcomeOfPull } from './cluster/pull.ts';
import { CHART, surroundings } from './chart/release.ts';

const pages = await Promise.all(PAGES.map(readPage));
const [start, webIdentity] = pages;
if (!start || !webIdentity) throw new Error('a page is missing');

/** Needs a registry of charts, which this machine does not have. */
const FROM_REGISTRY = /\boci:\/\//;

describe("the commands of getting started for a cluster, word for word but for the account's ID", () => {
  let cluster: InstalledCluster;
  let aws: AwsInCluster;
  let reader: ChartRepository;

  beforeAll(async () => {
    cluster = await connectCluster();
    aws = await startAws(cluster);
    await aws.reset();
    await deleteNamespaces(); // the page creates them, and other specs use the same names
    reader = await startChartRepository(CHART);
  }, 180_000);

  afterAll(async () => {
    await cluster?.tryHelm(['uninstall', 'ecr-anywhere', '--namespace', 'ecr-anywhere', '--wait']);
    await deleteNamespaces();
    await reader?.stop();
    await cluster?.close();
  }, 120_000);

  const deleteNamespaces = () =>
    cluster?.tryKubectl(['delete', 'namespace', 'hello', 'ecr-anywhere', '--ignore-not-found']);

  it('step 4: the key becomes a Secret, and no file of it is left', async () => {
    await haveKey();
    await follow(start, '4. Install', (block) => block.text.includes('create secret'));
    const left = await attempt('ls', ['aws-keys.env', 'role.config'], { cwd: reader.folder });
    expect(left.output).toBe('');
  });

  it('step 4: installs the chart from the repository, in the version of the page', async () => {
    await follow(start, '4. Install', (block) => block.text.includes('values.yaml <<'));
    await addSurroundings();
    await follow(start, '4. Install', (block) => block.text.includes('helm install'));
  }, 240_000);

  it('step 4: helm test finds that everything works', async () => {
    await follow(start, '4. Install', (block) => block.text.startsWith('helm test'));
  }, 180_000);

  it('step 5: the pod pulls its image with the Secret, and runs', async () => {
    await aws.reset();
    const output = await follow(start, '5. A pod that pulls');
    expect(output).toContain('pod/hello condition met');
    expect(output).toMatch(/^20\d\d-\d\d-\d\dT[\d:.]+Z$/m);
    expect(await outcomeOfPull(cluster, 'hello', 'hello')).toBe('running');
    const pulled = (await aws.registryRequests()).filter(({ status }) => status === 200);
    expect(pulled.map(({ path }) => path)).toContain('/v2/hello/manifests/1');
  }, 180_000);

  it('replaces the key', async () => {
    await haveKey();
    expect(await follow(start, 'Replace the key')).toContain('secret/aws-keys configured');
  });

  it('web identity: the same installation works without the key', async () => {
    await follow(webIdentity, '5. Install', (block) => block.text.includes('values.yaml <<'));
    await addSurroundings();
    await follow(webIdentity, '5. Install', (block) => block.text.includes('helm upgrade'));
    await follow(webIdentity, '5. Install', (block) => block.text.includes('create token'));
    await follow(webIdentity, 'Remove the key and its user');
    expect((await aws.calls())['AssumeRoleWithWebIdentity']).toBeGreaterThan(0);
  }, 300_000);

  it.each(pages)('the chart takes the values of $path', async ({ path, blocks }) => {
    for (const { line, text } of blocks.filter(isValues)) {
      const required = 'aws.region=us-east-1,callers.mode=none'; // the mode, because this sees no cluster
      const args = ['template', 'x', CHART, '--set', required, '--values', '-'];
      const { code, errors } = await cluster.tryHelm(args, { input: text });
      expect({ line: `${path}:${line}`, code, errors }).toMatchObject({ code: 0 });
    }
  });

  it('remove everything: nothing is left in the cluster', async () => {
    await follow(start, 'From the cluster');
    const left = await cluster.kubectl(['get', 'namespaces,mutatingwebhookconfigurations', '-o', 'name']);
    expect(left.split('\n').filter((name) => /\/(hello|ecr-anywhere)$/.test(name))).toEqual([]);
  }, 180_000);

  (onTestbed ? it : it.skip)(
    'from a clone: installs its chart with images of its own, into a namespace that does not exist',
    async () => {
      await symlink(workspaceRoot(), join(reader.folder, 'ecr-anywhere')); // what `git clone` makes
      for (const program of PROGRAMS) await nameOnTestbed(program, imageOfThePage(program));
      await follow(webIdentity, '5. Install', (block) => block.text.includes('values.yaml <<'));
      await addSurroundings({ images: false });
      await follow(start, 'From a clone', (block) => block.text.includes('helm install'));

      const args = [
        'get',
        'deployment,cronjob',
        '-n',
        'ecr-anywhere',
        '-o',
        'jsonpath={..containers[0].image}',
      ];
      const images = await cluster.kubectl(args);
      expect(images.split(' ').sort()).toEqual(PROGRAMS.map(imageOfThePage).sort());
    },
    240_000,
  );

  /** Runs the blocks of a section that need a cluster, or write a file. @returns their output */
  async function follow(page: Page, section: string, chosen: (block: Block) => boolean = () => true) {
    const blocks = page.blocks.filter(
      (block) => block.section === section && runsHere(block) && chosen(block),
    );
    if (blocks.length === 0) throw new Error(`${page.path} has no such commands in "${section}"`);
    let output = '';
    for (const { text } of blocks) {
      const script = `helm() { command "${process.env['HELM'] || 'helm'}" "$@"; }\n${withAccount(text)}`;
      const options = { cwd: reader.folder, env: reader.env };
      output += await command('bash', ['--norc', '-euo', 'pipefail', '-c', script], options);
    }
    return output;
  }

  /** What step 3 leaves, with a key of the stand-in. */
  async function haveKey(): Promise<void> {
    const { accessKeyId, secretAccessKey } = aws.keys;
    const keys = `AWS_ACCESS_KEY_ID=${accessKeyId}\nAWS_SECRET_ACCESS_KEY=${secretAccessKey}\n`;
    await writeFile(join(reader.folder, 'aws-keys.env'), keys);
    await writeFile(join(reader.folder, 'role.config'), '');
  }

  /** Adds what the page cannot know: the stand-in for AWS, and the names of the images on the node. */
  async function addSurroundings({ images = true } = {}): Promise<void> {
    const { image, ...others } = surroundings(aws);
    const lines = Object.entries(images ? { image, ...others } : others).map(
      ([key, value]) => `${key}: ${JSON.stringify(value)}\n`,
    );
    await appendFile(join(reader.folder, 'values.yaml'), lines.join(''));
  }
});

function runsHere(block: Block): boolean {
  if (block.language !== 'sh' || FROM_REGISTRY.test(block.text)) return false;
  return programsOf(block).every((program) => program === 'helm' || program === 'kubectl');
}

/** The name that the commands of "From a clone" give to the image of a program. */
function imageOfThePage(program: string): string {
  const names = start?.blocks.flatMap(({ section, text }) =>
    section === 'From a clone' ? (/--tag (\S+)/.exec(text)?.[1] ?? []) : [],
  );
  return String(names?.[0]).replace('$program', program);
}

/** The nodes pull only from the registry of the stand-in's account. The page says to replace this ID. */
function withAccount(text: string): string {
  return text.replaceAll('111122223333', ACCOUNT);
}

/** Whether a block is values of the chart, and not settings of k3s. */
function isValues({ language, text }: Block): boolean {
  return language === 'yaml' && !text.startsWith('kube-apiserver-arg:');
}
