import { optionsFromEnv } from './options-from-env.ts';
import { startAwsEmulator } from './start-aws-emulator.ts';

// Runs the emulator as a process until SIGTERM. Its addresses are the first line it prints, as JSON.
try {
  const emulator = await startAwsEmulator(optionsFromEnv(process.env));
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => void emulator.stop());
  const { endpoint, tlsUrl, registryHost } = emulator;
  console.log(JSON.stringify({ endpoint, tlsUrl, registryHost }));
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 2;
}
