import { addAbortListener } from 'node:events';
import { optionsFromEnv } from './options-from-env.ts';
import { startAwsEmulator } from './start-aws-emulator.ts';

/** Runs the emulator until SIGTERM or SIGINT. Its first line of output has its addresses, as JSON. */
export async function program(stop: AbortSignal): Promise<void> {
  try {
    const emulator = await startAwsEmulator(optionsFromEnv(process.env));
    addAbortListener(stop, () => void emulator.stop());
    const { endpoint, tlsUrl, registryHost } = emulator;
    console.log(JSON.stringify({ endpoint, tlsUrl, registryHost }));
  } catch (error) {
    console.error(error instanceof Error ? error.message : error);
    process.exitCode = 2;
  }
}
