import { join } from 'node:path';
import {
  startProgram,
  workspaceRoot,
  type Program,
  type ProgramOptions,
} from '@ecr-anywhere/local-installation';

/** The result of the published program `ecr-token`. */
export interface Printed {
  readonly code: number | null;
  readonly password: string | undefined;
  readonly errors: string;
}

/** Starts `ecr-token password`, the built program with the real AWS SDK. */
export function startEcrToken(env: Record<string, string>, within: readonly string[] = []): Program {
  const file = join(workspaceRoot(), 'libs/ecr-token/dist/esm/cli/ecr-token.js');
  const options: ProgramOptions = {
    env: { AWS_REGION: 'eu-west-1', AWS_EC2_METADATA_DISABLED: 'true', ...env },
  };
  const [command, ...args] = [...within, process.execPath, file, 'password'];
  return startProgram(undefined, { ...options, command, args });
}

/** Runs the program to its end. `within` is a command that runs it, such as `ip netns exec NAME`. */
export async function runEcrToken(
  env: Record<string, string>,
  within: readonly string[] = [],
): Promise<Printed> {
  const program = startEcrToken(env, within);
  const { code } = await program.ended;
  return { code, password: program.output[0], errors: program.errors.join('\n') };
}
