import { startAwsEmulator } from './start-aws-emulator.ts';

// Runs the emulator as a process: PORT and HOST where it listens, TOKEN_LIFETIME_MS how long its tokens live.
const { PORT = '4566', HOST = '127.0.0.1', TOKEN_LIFETIME_MS } = process.env;
const emulator = await startAwsEmulator({
  port: Number(PORT),
  host: HOST,
  ...(TOKEN_LIFETIME_MS && { tokenLifetime: Number(TOKEN_LIFETIME_MS) }),
});
console.log(JSON.stringify({ endpoint: emulator.endpoint, registryHost: emulator.registryHost }));
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => void emulator.stop());
