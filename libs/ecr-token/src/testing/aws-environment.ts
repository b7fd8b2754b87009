import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Environment } from '../settings/environment.ts';

/** The environment of the process, which the AWS SDK reads, without the variables of AWS. */
export interface AwsEnvironment {
  /** A new folder, which is also `HOME`. */
  readonly home: string;
  set(values: Environment): void;
  /** Writes a file in `home` and returns its path. */
  write(name: string, text: string): string;
  /** Makes a named pipe without a writer in `home`, and returns its path. */
  pipe(name: string): string;
  restore(): void;
}

const OURS = /^(?:AWS_(?!SDK_JS_)|ECR_TOKEN_|HOME$|https?_proxy$|no_proxy$)/i;

export function isolateAwsEnvironment(): AwsEnvironment {
  const before = { ...process.env };
  const home = mkdtempSync(join(tmpdir(), 'ecr-token-'));
  const clear = () => {
    for (const name of Object.keys(process.env))
      if (OURS.test(name)) Reflect.deleteProperty(process.env, name);
  };
  clear();
  Object.assign(process.env, { HOME: home, AWS_EC2_METADATA_DISABLED: 'true' });
  return {
    home,
    set: (values) => {
      for (const [name, value] of Object.entries(values)) {
        if (value === undefined) Reflect.deleteProperty(process.env, name);
        else process.env[name] = value;
      }
    },
    write: (name, text) => {
      const file = join(home, name);
      writeFileSync(file, text);
      return file;
    },
    pipe: (name) => {
      const file = join(home, name);
      execFileSync('mkfifo', [file]);
      return file;
    },
    restore: () => {
      clear();
      Object.assign(process.env, before);
      rmSync(home, { recursive: true, force: true });
    },
  };
}
