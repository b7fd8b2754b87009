import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from '@jest/globals';
import { isolateAwsEnvironment, type AwsEnvironment } from '../testing/aws-environment.ts';
import { metadataCredentials } from '../testing/aws-stand-in.ts';
import { fromDefaultChain, type Found } from './default-chain.ts';
import { sts } from './sts.ts';

let environment: AwsEnvironment;
beforeEach(() => {
  environment = isolateAwsEnvironment();
});
afterEach(() => environment.restore());

const LIMIT = 200;

/** A chain whose credential_process notes that it was started, and prints its credentials once it may. */
function slowProcess() {
  const file = (name: string) => join(environment.home, name);
  environment.write('output.json', metadataCredentials('ASIA-SLOW'));
  const wait = `until [ -e ${file('go')} ]; do sleep 0.05; done`;
  const command = `echo started >> ${file('starts')}; ${wait}; cat ${file('output.json')}`;
  environment.set({
    AWS_CONFIG_FILE: environment.write('config', `[default]\ncredential_process = ${command}\n`),
  });
  return {
    find: fromDefaultChain({ client: {}, service: sts({}), limit: LIMIT }),
    starts: () => readFileSync(file('starts'), 'utf8').trim().split('\n').length,
    letGo: () => environment.write('go', ''),
  };
}

it('a credential_process that is too slow is given up, joined by whoever asks next, and started once', async () => {
  const { find, starts, letGo } = slowProcess();
  const tooLate = { code: 'timeout', message: expect.stringContaining('The source of AWS credentials') };
  await expect(find()).rejects.toMatchObject(tooLate);
  await expect(find()).rejects.toMatchObject(tooLate);
  letGo();
  expect((await inTheEnd(find)).credentials.accessKeyId).toBe('ASIA-SLOW');
  expect(starts()).toBe(1);
  await inTheEnd(find);
  expect(starts()).toBe(2);
});

/** What is found in the end, however busy this machine is. */
async function inTheEnd(find: () => Promise<Found>): Promise<Found> {
  for (;;) {
    const found = await find().catch(() => undefined);
    if (found !== undefined) return found;
  }
}
