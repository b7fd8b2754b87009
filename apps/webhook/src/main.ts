import { SettingsError } from '@ecr-anywhere/settings';
import { callSites } from './call-sites.ts';
import { readConfig } from './config.ts';
import { openLog } from './log.ts';
import { startWebhook } from './start-webhook.ts';

async function main(): Promise<void> {
  const config = readConfig(process.env);
  const { log, close } = openLog(config.logLevel);
  // Not process.exitCode: whatever is still open would keep the process.
  const end = async (code: number): Promise<never> => {
    await close();
    process.exit(code);
  };

  for (const event of ['uncaughtException', 'unhandledRejection'] as const) {
    process.on(event, (error: unknown) => {
      log.fatal(
        { event, error: error instanceof Error ? error.name : typeof error, stack: callSites(error) },
        'the program has a defect and ends',
      );
      void end(1);
    });
  }
  const webhook = await startWebhook(config, log).catch((error: unknown) => {
    console.error(error);
    return end(2);
  });
  let isStopping = false;
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    process.on(signal, () => {
      if (isStopping) return void end(1); // a second signal: at once
      isStopping = true;
      log.info({ signal }, 'shutting down');
      void webhook.stop().then(() => {
        log.info('shut down');
        return end(0);
      });
    });
  }
}

main().catch((error: unknown) => {
  console.error(error instanceof SettingsError ? error.message : error);
  process.exitCode = 2;
});
