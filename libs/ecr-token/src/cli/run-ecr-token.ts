import { parseArgs } from 'node:util';
import { dockerConfig } from '../docker/docker-config.ts';
import { isRegistryHost, parseRegistry } from '../docker/registry.ts';
import { isEcrTokenError } from '../errors/error.ts';
import type { RegistryTraits } from '../services/clients.ts';
import { region as regionSetting } from '../settings/environment.ts';
import type { EcrToken } from '../token/token.ts';
import { EXIT, type Console } from './console.ts';
import { tellError } from './tell-error.ts';
import { version } from './version.ts';

const USAGE = `Usage: ecr-token docker-config [--host HOST]... [--region REGION]
       ecr-token password [--region REGION]

docker-config  prints a Docker config (~/.docker/config.json) for the registry
               of the identity's own account, or for each HOST
password       prints the password, for docker login:
               ecr-token password | docker login -u AWS --password-stdin HOST

  --host HOST      a registry host; may be repeated for hosts of one region
  --region REGION  the region of the registry; by default that of HOST, or
                   AWS_REGION
  -h, --help       print this text
  --version        print the version, as the command ecr-token version does

The identity and the region come from the environment, from the same variables
as for the AWS CLI (AWS_REGION, AWS_PROFILE, AWS_ACCESS_KEY_ID, AWS_ROLE_ARN,
AWS_WEB_IDENTITY_TOKEN_FILE, …). With ECR_TOKEN_CACHE=FOLDER (an absolute path)
the program stores tokens in this folder and reuses them.

Exit code: 0 success; 1 AWS refused, or you have to change something; 2 wrong
arguments or settings; 75 try again later.
`;

/** The program `ecr-token`. @returns its exit code. */
export async function runEcrToken({ args, env, print, complain }: Console): Promise<number> {
  const call = parse(args);
  if (typeof call === 'string') {
    complain(`ecr-token: ${call}; ecr-token --help lists the commands and their flags`);
    return EXIT.usage;
  }
  if (call.command === 'help') {
    print(USAGE);
    return EXIT.ok;
  }
  if (call.command === 'version') {
    print(`ecr-token ${version()}\n`);
    return EXIT.ok;
  }
  try {
    const { obtainToken } = await import('./obtain-token.ts');
    const token = await obtainToken(env, call.registry, complain);
    const text = call.command === 'password' ? `${token.password}\n` : configOf(token, call.hosts);
    if (text === undefined) {
      complain("ecr-token: AWS does not say which registry is the account's own; name one with --host");
      return EXIT.usage;
    }
    print(text);
    return EXIT.ok;
  } catch (error) {
    if (!isEcrTokenError(error)) throw error;
    tellError('ecr-token', error, complain);
    return exitCode(error.code, error.transient);
  }
}

const COMMANDS = ['docker-config', 'password', 'version'] as const;

type Call =
  | { readonly command: 'help' }
  | { readonly command: 'version' }
  | {
      readonly command: 'docker-config' | 'password';
      readonly hosts: readonly string[];
      readonly registry: RegistryTraits;
    };

/** What the arguments ask for, or a sentence about what is wrong with them. */
function parse(args: readonly string[]): Call | string {
  try {
    const { values, positionals } = parseArgs({
      args: [...args],
      allowPositionals: true,
      options: {
        host: { type: 'string', multiple: true },
        region: { type: 'string' },
        help: { type: 'boolean', short: 'h' },
        version: { type: 'boolean' },
      },
    });
    if (values.help) return { command: 'help' };
    if (values.version) return { command: 'version' };
    const [name, ...rest] = positionals;
    const command = COMMANDS.find((known) => known === name);
    const given = values.host ?? [];
    const region = regionSetting({ '--region': values.region }, '--region');
    const hosts = given.map(hostIn);
    const registries = hosts.map(parseRegistry).filter((registry) => registry !== undefined);
    const regions = new Set(registries.map((registry) => registry.region));
    if (region !== undefined) regions.add(region);
    if (name === undefined) return 'no command; expected docker-config, password or version';
    if (command === undefined) return `unknown command ${JSON.stringify(name)}`;
    if (rest.length > 0) return `unexpected ${JSON.stringify(rest[0])}`;
    if (command === 'version') return { command };
    if (command === 'password' && hosts.length > 0)
      return 'password takes no --host: the password is the same for all';
    if (regions.size > 1)
      return `a token opens registries of one region only, not of ${[...regions].join(' and ')}`;
    const [only] = regions;
    const fips = registries.some((registry) => registry.fips);
    return { command, hosts, registry: { region: only, fips } };
  } catch (error) {
    const [sentence = ''] = (error as Error).message.split(/\.\s/); // the first sentence of Node's message names the option; the rest is advice
    return sentence;
  }
}

/** The host as Docker and kubelet look it up. @throws for a host that a token of private ECR cannot open */
function hostIn(given: string): string {
  const registry = parseRegistry(given);
  if (registry?.public) throw new Error(`--host ${given} is ECR Public, which these tokens do not open`);
  if (registry !== undefined) return registry.host;
  if (!isRegistryHost(given))
    throw new Error(`--host expects a host such as mirror.example.com:5000, not ${JSON.stringify(given)}`);
  return given.toLowerCase();
}

function configOf(token: EcrToken, hosts: readonly string[]): string | undefined {
  const own = token.proxyEndpoint?.replace(/^https?:\/\//, '');
  const all = hosts.length > 0 ? hosts : own === undefined ? [] : [own];
  if (all.length === 0) return undefined;
  return `${JSON.stringify(dockerConfig(all.map((host) => ({ host, token }))), undefined, 2)}\n`;
}

function exitCode(code: string, transient: boolean): number {
  if (code === 'invalid-settings') return EXIT.usage;
  return transient ? EXIT.tryLater : EXIT.refused;
}
