import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { blocksOf } from '@ecr-anywhere/getting-started';
import { WEBHOOK_CONFIGURATION, workspaceRoot } from '@ecr-anywhere/local-installation';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { platform, type ScenarioCluster, type ScenarioInstallation } from './platform.ts';
import { annotation, auths, ENABLED, fakeSecret, passwordFor, stageOn, type Stage } from './stage.ts';

const DAY = 24 * 3_600_000;

describe.each(platform.listOrders)('a run of the refresher (lists in the order of %s)', (listOrder) => {
  let cluster: ScenarioCluster;
  let installation: ScenarioInstallation;
  let stage: Stage;

  beforeAll(async () => {
    cluster = await platform.startCluster(listOrder);
    installation = await cluster.install();
  }, 240_000);

  afterAll(async () => {
    await installation?.uninstall();
    await cluster?.stop();
  }, 120_000);

  beforeEach(async () => {
    stage = await stageOn(cluster);
  });

  const refresh = (...args: string[]) => installation.refresh(['--namespaces', stage.namespace, ...args]);

  it('refreshes every due Secret, in any order of the list', async () => {
    for (const name of ['c', 'a', 'b']) await stage.writeFake(name);
    const run = await refresh('--force');
    expect(run.output.at(-1)).toMatch(/^checked 3, due 3, refreshed 3, failed 0/);
    expect(run.code).toBe(0);
  });

  it('finds every enabled namespace, in any order of the list', async () => {
    const other = await stageOn(cluster);
    for (const { writeFake } of [stage, other]) await writeFake('pull');
    // In the order of writes, the first namespace now comes after the second one.
    await cluster.api.patch(`/api/v1/namespaces/${stage.namespace}`, {
      metadata: { labels: { last: 'yes' } },
    });
    const run = await installation.refresh(['--force', '--output', 'json']);
    const outcomes = run.output.map((line) => JSON.parse(line) as Record<string, string>);
    const results = outcomes.map(({ namespace, message, result }) => [namespace, message ?? result]);
    expect(Object.fromEntries(results)).toMatchObject({
      [stage.namespace]: 'refreshed',
      [other.namespace]: 'refreshed',
    });
  });

  // The following tests do not depend on the order.
  if (listOrder !== platform.listOrders[0]) return;

  it('refreshes the due Secrets, leaves the others alone, and says so in its last line', async () => {
    await stage.writeFake('fresh');
    await stage.writeFake('due');
    // An older installation with other settings wrote this Secret. Without the label, the webhook does not restore the annotation.
    await cluster.api.patch(`${stage.path}/due`, { metadata: { labels: null } });
    await stage.annotate('due', { config_hash: 'of-other-settings' });
    await withNamespaceDisabled(async () => {
      await cluster.api.patch(`${stage.path}/due`, { metadata: { labels: fakeSecret('').metadata?.labels } });
    });
    const fresh = await stage.read('fresh');
    const due = await stage.read('due');
    expect(annotation(due, 'config_hash')).toBe('of-other-settings');

    const run = await refresh();
    const end = annotation(fresh, 'expires_at')?.replace(/\.\d+/, '');
    expect(run.output.at(-1)).toBe(
      `checked 2, due 1, refreshed 1, failed 0; first to end: ${stage.namespace}/fresh at ${end}`,
    );
    expect(run.terminationMessage).toBe(run.output.at(-1));
    expect(run.code).toBe(0);
    expect(await stage.read('fresh')).toEqual(fresh);
    expect(annotation(await stage.read('due'), 'config_hash')).toBe(annotation(fresh, 'config_hash'));
  });

  it('leaves a Secret with username, password and auth alone until it is due, and then writes auth alone', async () => {
    const host = installation.aws.registryHost;
    await stage.writeFake('longer');
    const password = passwordFor(host, await stage.read('longer'));
    const entry = { username: 'AWS', password, ...auths(await stage.read('longer'))[host] };
    const config = Buffer.from(JSON.stringify({ auths: { [host]: entry } })).toString('base64');
    await withNamespaceDisabled(() =>
      cluster.api.patch(`${stage.path}/longer`, { data: { '.dockerconfigjson': config } }),
    );
    const longer = await stage.read('longer');

    const reapplied = await cluster.api.patch(`${stage.path}/longer`, { data: fakeSecret('').data });
    expect(reapplied.status).toBe(200);
    expect((await refresh()).terminationMessage).toMatch(/^checked 1, due 0, /);
    expect(await stage.read('longer')).toEqual(longer);
    expect(auths(longer)[host]).toEqual(entry);

    expect((await refresh('--force')).code).toBe(0);
    expect(Object.keys(auths(await stage.read('longer'))[host]!)).toEqual(['auth']);
  });

  it('with --namespace-labels, leaves the Secrets of other installations alone', async () => {
    const ours = await stageOn(cluster, { ...ENABLED, team: 'a' });
    for (const { writeFake } of [stage, ours]) await writeFake('pull');
    const others = await stage.read('pull');
    const run = await installation.refresh(['--force', '--namespace-labels', 'team=a', '--output', 'json']);
    const outcomes = run.output.map((line) => JSON.parse(line) as Record<string, unknown>);
    expect(outcomes).toContainEqual(
      expect.objectContaining({ namespace: ours.namespace, result: 'refreshed' }),
    );
    expect(outcomes.map(({ namespace }) => namespace)).not.toContain(stage.namespace);
    expect(await stage.read('pull')).toEqual(others);
  });

  it('causes at most one call to AWS', async () => {
    for (const name of ['a', 'b', 'c', 'd', 'e']) await stage.writeFake(name);
    await installation.aws.resetCalls();
    const run = await refresh('--force');
    expect(run.output.at(-1)).toMatch(/^checked 5, due 5, refreshed 5, failed 0; first to end: /);
    expect((await installation.aws.calls())['GetAuthorizationToken'] ?? 0).toBeLessThanOrEqual(1);
  });

  it('with --dry-run, prints what it would do, and changes nothing', async () => {
    await stage.writeFake('planned');
    const before = await stage.read('planned');
    const run = await refresh('--dry-run', '--force');
    expect(run.output.join('\n')).toMatch(new RegExp(`${stage.namespace}/planned +1[12]h.* forced`));
    expect(run.output.at(-1)).toMatch(/^checked 1, due 1, refreshed 0, failed 0; first to end: /);
    expect(run.code).toBe(0);
    expect(await stage.read('planned')).toEqual(before);
    expect((await installation.refresh(['--dry-run', '--namespaces', 'not-there'])).code).toBe(1);
  });

  it('with --output json, prints an object for each Secret and for the run', async () => {
    await stage.writeFake('machine-read');
    const run = await refresh('--force', '--output', 'json');
    const secret = { namespace: stage.namespace, name: 'machine-read' };
    const expiresAt = annotation(await stage.read('machine-read'), 'expires_at');
    expect(run.output.map((line) => JSON.parse(line) as unknown)).toEqual([
      { ...secret, result: 'refreshed', due: 'forced', expiresAt, lifeLeftSeconds: expect.any(Number) },
      {
        summary: expect.objectContaining({
          checked: 1,
          due: 1,
          refreshed: 1,
          failed: 0,
          firstToEnd: { ...secret, expiresAt },
        }),
        hasRepeats: false,
      },
    ]);
  });

  it('with --output json, prints one object if the run is not possible', async () => {
    for (const settings of [
      { args: ['--output', 'json', '--threshold', '6'], message: '--threshold' },
      { args: ['--output', 'json', '--kubeconfig', '/nowhere'], message: '--kubeconfig' },
    ]) {
      const run = await installation.refresh(settings.args);
      expect(run.code).toBe(2);
      expect(run.output.map((line) => JSON.parse(line) as unknown)).toEqual([
        { error: expect.stringContaining(settings.message) },
      ]);
      expect(run.terminationMessage).toContain(settings.message);
    }
  });

  it('fails for a namespace that does not exist, and counts it as no Secret', async () => {
    const run = await installation.refresh(['--namespaces', 'not-there']);
    expect(run.code).toBe(1);
    expect(run.terminationMessage).toMatch(
      /^checked 0, due 0, refreshed 0, failed 0, namespaces not checked 1; first failure: namespace not-there: /,
    );
  });

  it('names a Secret that can never be filled, and fails only if the Secret was filled before', async () => {
    await stage.writeFake('fine');
    await withNamespaceDisabled(async () => {
      await stage.write({ ...fakeSecret('opaque'), type: 'Opaque' });
    });
    const run = await refresh();
    expect(run.terminationMessage).toMatch(/^checked 2, due 0, refreshed 0, failed 0, cannot be filled 1; /);
    expect(run.terminationMessage).toContain(`cannot be filled: ${stage.namespace}/opaque: `);
    expect(run.code).toBe(0);

    await withNamespaceDisabled(() =>
      cluster.api.patch(`${stage.path}/fine`, {
        immutable: true,
        metadata: { annotations: { 'ecr-anywhere.centml.ai/config_hash': 'of-other-settings' } },
      }),
    );
    const failing = await refresh();
    expect(failing.terminationMessage).toMatch(/failed 1, cannot be filled 1; .*first failure: .*immutable/);
    expect(failing.code).toBe(1);
  });

  it("uses the API server's time if the clock of its own node is wrong", async () => {
    await stage.writeFake('fresh');
    const wrongClock = (hours: number) => {
      const program = `const now=Date.now;Date.now=()=>now()+${hours * 3_600_000}`;
      return { NODE_OPTIONS: `--import=data:text/javascript,${encodeURIComponent(program)}` };
    };
    for (const hours of [-7, 7]) {
      const run = await installation.refresh(['--namespaces', stage.namespace], wrongClock(hours));
      expect(run.terminationMessage).toMatch(/^checked 1, due 0, refreshed 0, failed 0; first to end: /);
      expect(run.code).toBe(0);
    }
  });

  it('fails if the webhook is down, even if no Secret is due', async () => {
    await stage.writeFake('fresh');
    expect((await refresh()).code).toBe(0);
    await installation.stopWebhook();
    const run = await refresh();
    await installation.startWebhook();
    expect(run.terminationMessage).toMatch(
      /^checked 1, due 0, refreshed 0, failed 0; .*; a dry run of a refresh failed: .*failed calling webhook/,
    );
    expect(run.code).toBe(1);
  }, 120_000);

  it('says that the webhook was not tested if no Secret is suitable', async () => {
    const run = await refresh();
    expect(run.terminationMessage).toMatch(
      /^checked 0, due 0, refreshed 0, failed 0; the webhook was not tested/,
    );
    expect(run.code).toBe(0);
  });

  it('fails if the API server does not call the webhook, because its configuration was deleted', async () => {
    await stage.writeFake('unprotected');
    const path = `/apis/admissionregistration.k8s.io/v1/mutatingwebhookconfigurations`;
    const { body } = await cluster.api.get(`${path}/${WEBHOOK_CONFIGURATION}`);
    await cluster.api.delete(`${path}/${WEBHOOK_CONFIGURATION}`);
    await webhookToBe('absent');
    const run = await refresh('--force');
    const whileFresh = await refresh();
    const { name, labels = {}, annotations = {} } = body.metadata ?? {};
    await cluster.api.create(path, { ...body, metadata: { ...(name && { name }), labels, annotations } });
    await webhookToBe('called');
    expect(run.code).toBe(1);
    expect(run.terminationMessage).toContain('the webhook was not called');
    expect(run.terminationMessage).toContain('MutatingWebhookConfiguration');
    expect(whileFresh.code).toBe(1);
    expect(whileFresh.terminationMessage).toMatch(
      /^checked 1, due 0, .*a dry run of a refresh failed: .*the webhook was not called/,
    );
  });

  it('fails if a Secret that was refreshed before becomes due in a namespace that has lost its label', async () => {
    await stage.writeFake('left-behind');
    await stage.write({ ...fakeSecret('never-ours'), metadata: { name: 'other' }, type: 'Opaque' });
    await cluster.api.patch(`/api/v1/namespaces/${stage.namespace}`, {
      metadata: { labels: { 'ecr-anywhere.centml.ai/namespace': null } },
    });
    expect((await refresh()).code).toBe(0); // not due yet
    await stage.annotate('left-behind', { expires_at: new Date(Date.now() + 3_600_000).toISOString() });
    const run = await refresh();
    expect(run.code).toBe(1);
    expect(run.terminationMessage).toContain(`${stage.namespace}/left-behind`);
    expect(run.terminationMessage).toContain('put the label back');
  });

  it('prints what the README shows: a dry run, and then a run', async () => {
    for (const name of ['images', 'charts']) await stage.writeFake(name);
    const endsIn = (minutes: number) => new Date(Date.now() + minutes * 60_000).toISOString();
    await withNamespaceDisabled(async () => {
      await stage.annotate('charts', { expires_at: endsIn(348.5) });
      await stage.write({ ...fakeSecret('tools'), data: { '.dockerconfigjson': btoa('{"auths":{}}') } });
    });
    const plan = await refresh('--dry-run');
    const run = await refresh();
    const shown = ['$ refresher --dry-run', ...plan.output, '$ refresher', ...run.output];
    const sample = await sampleInReadme();
    expect(withoutTimes(inNamespace(shown, 'team-a'))).toEqual(withoutTimes(sample));
  });

  it('does not trust an expires_at beyond the lifetime of a token', async () => {
    await stage.writeFake('too-good');
    await withNamespaceDisabled(() =>
      stage.annotate('too-good', { expires_at: new Date(Date.now() + DAY).toISOString() }),
    );
    const run = await refresh('--output', 'json');
    expect(JSON.parse(run.output[0] ?? '')).toMatchObject({
      name: 'too-good',
      result: 'refreshed',
      due: 'expiry-implausible',
    });
  });

  it('does not run without an API server or with wrong settings, and says what is wrong', async () => {
    // If a file of KUBECONFIG is missing, it is skipped: in a Pod, the refresher would use its service account.
    const unreachable = await installation.refresh(['--kubeconfig', '/nowhere']);
    expect(unreachable.code).toBe(2);
    const wrong = await installation.refresh([
      '--threshold',
      '6',
      '--concurrency',
      'many',
      '--page-size',
      '0',
    ]);
    expect(wrong.code).toBe(2);
    for (const name of ['--threshold', '--concurrency', '--page-size'])
      expect(wrong.errors.join('\n')).toContain(name);
  });

  it('ends by itself at its deadline, and says so', async () => {
    await stage.writeFake('late');
    const run = await refresh('--force', '--deadline', '1ms');
    expect(run.code).toBe(1);
    expect(run.terminationMessage).toContain('deadline of 1ms');
  });

  it('never shows the content of a Secret or of an annotation', async () => {
    await stage.writeFake('private');
    const canary = 'sEcReT-cAnArY';
    await withNamespaceDisabled(() => stage.annotate('private', { expires_at: canary, updated_at: canary }));
    const run = await refresh('--output', 'json');
    const log = await installation.webhookOutput();
    const secret = await stage.read('private');
    const { auth } = auths(secret)[installation.aws.registryHost]!;
    const password = passwordFor(installation.aws.registryHost, secret);
    const printed = [...run.output, ...run.errors, run.terminationMessage, ...log].join('\n');
    expect(printed).not.toContain(canary);
    expect(password).toMatch(/.{1000}/);
    expect(printed).not.toContain(password);
    expect(printed).not.toContain(auth);
    expect(printed).not.toContain(installation.aws.accessKeys.secretAccessKey);
  });

  /** The lines as they would be if the namespace of the stage had this name. The columns of the table stay aligned. */
  function inNamespace(lines: readonly string[], name: string): string[] {
    const inTable = new RegExp(`^${stage.namespace}/\\w+ +`);
    return lines.map((line) =>
      line
        .replace(inTable, (cell) => cell.trimEnd().replace(stage.namespace, name).padEnd(cell.length))
        .replaceAll(stage.namespace, name),
    );
  }

  /** Changes Secrets while the API server does not call the webhook. */
  async function withNamespaceDisabled(change: () => Promise<unknown>): Promise<void> {
    const label = (value: string | null) =>
      cluster.api.patch(`/api/v1/namespaces/${stage.namespace}`, {
        metadata: { labels: { 'ecr-anywhere.centml.ai/namespace': value } },
      });
    await label(null);
    await webhookToBe('absent');
    await change();
    await label('enabled');
    await webhookToBe('called');
  }

  /**
   * The API server needs a moment to notice a change of labels and configurations. The probe is a dry run: if the API
   * server still allows it, nothing is stored, and no later run finds it.
   */
  async function webhookToBe(expected: 'called' | 'absent'): Promise<void> {
    const probe = { ...fakeSecret('probe'), type: 'Opaque' }; // the webhook denies this type
    for (let attempt = 0; attempt < 200; attempt++) {
      const { status } = await cluster.api.create(`${stage.path}?dryRun=All`, probe);
      if (status === (expected === 'called' ? 422 : 201)) return;
      await new Promise((passed) => setTimeout(passed, 25));
    }
    throw new Error(`within five seconds, the webhook was not ${expected} for ${stage.namespace}`);
  }
});

async function sampleInReadme(): Promise<string[]> {
  const readme = await readFile(join(workspaceRoot(), 'README.md'), 'utf8');
  const samples = blocksOf(readme).filter(({ language }) => language === 'text');
  return samples.flatMap(({ text }) => text.trimEnd().split('\n'));
}

/** Leaves out times, and which Secret ends first: the tokens of two replicas differ. */
function withoutTimes(lines: readonly string[]): string[] {
  return lines.map((line) =>
    line.replace(/first to end: \S+ at 20\S+Z$/, 'first to end: …').replace(/ \d+h\d+m /, ' 0h00m '),
  );
}
