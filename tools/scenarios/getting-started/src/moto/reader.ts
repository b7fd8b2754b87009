import { spawn } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { programsOf, type Block, type Page } from '../page.ts';
import { pythonFolder, startMoto } from './moto.ts';

/** The result of a block of commands. */
export interface Ended {
  readonly code: number;
  readonly output: string;
  readonly errors: string;
}

/** Somebody with an empty AWS account, an empty folder and one shell, who follows the pages. */
export interface Reader {
  /** Runs commands in the shell. The shell keeps its folder and its exported variables. */
  run(commands: string): Promise<Ended>;
  /**
   * Runs the blocks of a section that need nothing but a shell and the AWS CLI, word for word.
   * @returns their output @throws Error if one fails
   */
  follow(page: Page, section: string): Promise<string>;
  write(file: string, content: string): Promise<void>;
  /** Has moto let the next calls pass, whoever makes them. */
  letPass(calls: number): Promise<void>;
  leave(): Promise<void>;
}

/** Commands that moto does not know. */
const NOT_IN_MOTO = /^aws ecr (?:create|delete)-pull-through-cache-rule /;

/** The calls of {@link makeAdministrator}: moto lets them pass, because nobody has any rights yet. */
const FIRST_CALLS = 3;

export async function startReader(): Promise<Reader> {
  const moto = await startMoto({ unchecked: FIRST_CALLS });
  const folder = await mkdtemp(join(tmpdir(), 'getting-started-'));
  const shell = {
    PATH: `${join(pythonFolder(), 'bin')}:${process.env['PATH']}`,
    HOME: folder, // so that no AWS settings of the user count
    AWS_ENDPOINT_URL: moto.endpoint,
    AWS_EC2_METADATA_DISABLED: 'true',
    AWS_MAX_ATTEMPTS: '1',
  };
  const run = (commands: string, env: Record<string, string> = {}) =>
    bash(`[ ! -f .shell ] || . ./.shell\n${commands}\nexport -p > .shell\n`, folder, { ...shell, ...env });
  const needed = async (commands: string, what: string, env?: Record<string, string>) => {
    const { code, output, errors } = await run(commands, env);
    if (code === 0) return output;
    throw new Error(`${what} ended with ${code}:\n${commands}\n${errors}${output}`);
  };
  const leave = async () => {
    await moto.stop();
    await rm(folder, { recursive: true, force: true });
  };

  try {
    await needed(makeAdministrator, 'The setup', {
      AWS_ACCESS_KEY_ID: 'nobody',
      AWS_SECRET_ACCESS_KEY: 'nobody',
      AWS_DEFAULT_REGION: 'us-east-1',
    });
  } catch (error) {
    await leave();
    throw error;
  }
  return {
    run,
    leave,
    letPass: (calls) => moto.letPass(calls),
    async follow(page, section) {
      const blocks = page.blocks.filter((block) => block.section === section && runsHere(block));
      if (blocks.length === 0) throw new Error(`${page.path} has no commands for AWS in "${section}"`);
      let output = '';
      for (const { line, text } of blocks) output += await needed(text, `${page.path}:${line}`);
      return output;
    },
    write: (file, content) => writeFile(join(folder, file), content),
  };
}

/** The names of what is in the account. */
export async function whatIsLeft({ run }: Pick<Reader, 'run'>): Promise<string[]> {
  const { output } = await run(`
aws iam list-users --query 'Users[].UserName' --output text
aws iam list-roles --query 'Roles[].RoleName' --output text
aws iam list-open-id-connect-providers --query 'OpenIDConnectProviderList[].Arn' --output text
aws ecr describe-repositories --query 'repositories[].repositoryName' --output text
aws s3api list-buckets --query 'Buckets[].Name' --output text
`);
  return output.trim().split(/\s+/);
}

/** Whether moto and a shell are all that a block needs. */
export function runsHere(block: Block): boolean {
  if (block.language !== 'sh' || NOT_IN_MOTO.test(block.text)) return false;
  return programsOf(block).every((program) => program === 'aws');
}

export function isUnknownToMoto({ text }: Block): boolean {
  return NOT_IN_MOTO.test(text);
}

const makeAdministrator = `
aws iam create-user --user-name administrator
aws iam put-user-policy --user-name administrator --policy-name everything --policy-document \
  '{"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}]}'
key=$(aws iam create-access-key --user-name administrator \
  --query 'AccessKey.[AccessKeyId,SecretAccessKey]' --output text)
read -r AWS_ACCESS_KEY_ID AWS_SECRET_ACCESS_KEY <<< "$key"
unset AWS_DEFAULT_REGION
`;

function bash(script: string, cwd: string, env: Record<string, string>): Promise<Ended> {
  return new Promise((resolve, reject) => {
    const child = spawn('bash', ['-euo', 'pipefail', '-c', script], {
      cwd,
      env,
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    let output = '';
    let errors = '';
    child.stdout.setEncoding('utf8').on('data', (text: string) => (output += text));
    child.stderr.setEncoding('utf8').on('data', (text: string) => (errors += text));
    child.on('error', reject);
    child.on('close', (code) => resolve({ code: code ?? -1, output, errors }));
  });
}
