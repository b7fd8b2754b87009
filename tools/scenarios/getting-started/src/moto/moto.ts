import { join } from 'node:path';
import { eventually, startProgram } from '@ecr-anywhere/local-installation';
import { ACCOUNT } from './names.ts';

/** A running moto: AWS's API on loopback, with IAM switched on. */
export interface Moto {
  readonly endpoint: string;
  /** Lets the next calls pass, whoever makes them. */
  letPass(calls: number): Promise<void>;
  stop(): Promise<void>;
}

/** The folder of the virtual environment that check.sh made. */
export function pythonFolder(): string {
  const folder = process.env['PYTHON_ENVIRONMENT'];
  if (folder) return folder;
  throw new Error('PYTHON_ENVIRONMENT is not set: run these specs with "npm run check:docs"');
}

/**
 * Starts moto. It lets the first `unchecked` calls pass, whoever makes them. From then on it looks for a policy
 * that allows each call. It does not look at trust policies, at the `Resource` of ECR's calls, or at web identity tokens.
 */
export async function startMoto({ unchecked }: { unchecked: number }): Promise<Moto> {
  const server = startProgram(undefined, {
    command: join(pythonFolder(), 'bin/moto_server'),
    args: ['--host', '127.0.0.1', '--port', '0'],
    env: { MOTO_ACCOUNT_ID: ACCOUNT, INITIAL_NO_AUTH_ACTION_COUNT: String(unchecked) },
  });
  const endpoint = await eventually(
    'moto says where it listens',
    () => {
      if (!server.running) throw new Error(`moto ended:\n${server.errors.join('\n')}`);
      return /Running on (http:\/\/127\.0\.0\.1:\d+)/.exec(server.errors.join('\n'))?.[1];
    },
    { within: 60_000, every: 100 },
  );
  return {
    endpoint,
    async letPass(calls) {
      const { ok, status } = await fetch(`${endpoint}/moto-api/reset-auth`, {
        method: 'POST',
        body: String(calls),
      });
      if (!ok) throw new Error(`moto answered ${status}`);
    },
    stop: async () => void (await server.stop()),
  };
}
