import { readFileSync } from 'node:fs';
import { cpus, totalmem, type } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { bareServer } from './bare-server.ts';
import { benchRefresher } from './refresher-bench.ts';
import { benchWebhook } from './webhook-bench.ts';

const [command, folder = ''] = process.argv.slice(2);
if (command === 'bare-server') {
  const patch = readFileSync(join(folder, 'bare.patch'), 'utf8');
  bareServer(join(folder, 'bare.crt'), join(folder, 'bare.key'), patch);
} else {
  const [cpu] = cpus();
  console.log(
    `${cpus().length} cores of ${cpu?.model ?? 'an unknown processor'}, ${Math.round(totalmem() / 2 ** 30)} GiB, ${type()}, Node ${process.version}. ` +
      'The load comes from the same machine.',
  );
  if (command === undefined || command === 'webhook') await benchWebhook(fileURLToPath(import.meta.url));
  if (command === undefined || command === 'refresher') await benchRefresher();
}
