import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { bareServer } from './bare-server.ts';
import { benchCluster } from './cluster/cluster-bench.ts';
import { answer } from './command-line.ts';
import { koaServer } from './koa-server.ts';
import { machine } from './machine.ts';
import { benchFields } from './fields-bench.ts';
import { benchProfiles } from './profiles-bench.ts';
import { benchRegions } from './regions-bench.ts';
import { benchRefresher } from './refresher-bench.ts';
import { benchWebhook } from './webhook-bench.ts';

const [command, argument = ''] = process.argv.slice(2);
if (command === 'bare-server' || command === 'koa-server') {
  const read = (name: string) => readFileSync(join(argument, name), 'utf8');
  const options = { cert: read('bare.crt'), key: read('bare.key'), patch: read('bare.patch') };
  if (command === 'bare-server') bareServer(options);
  else koaServer(options, join(argument, 'koa.log'));
} else {
  process.exitCode = answer(process.argv.slice(2));
  if (process.exitCode === undefined) await measure();
}

async function measure(): Promise<void> {
  if (command === 'cluster') {
    await benchCluster(argument === '' ? undefined : Number(argument));
    return;
  }
  console.log(`${machine()} The load comes from the same machine.`);
  if (command === undefined || command === 'webhook') await benchWebhook(fileURLToPath(import.meta.url));
  if (command === undefined || command === 'refresher') await benchRefresher();
  if (command === 'profiles') await benchProfiles(argument === '' ? 12 : Number(argument));
  if (command === 'regions') await benchRegions(argument === '' ? 12 : Number(argument));
  if (command === 'fields') await benchFields(argument === '' ? 20 : Number(argument));
}
