import { parseRegistry } from '../docker/registry.ts';
import { isEcrTokenError } from '../errors/error.ts';
import { read } from '../settings/environment.ts';
import { EXIT, type Console } from './console.ts';
import { tellError } from './tell-error.ts';
import { version } from './version.ts';

const NAME = 'docker-credential-ecr-token';

/** Docker compares this text to know that there are no credentials for a host. */
const NOT_FOUND = 'credentials not found in native keychain';

/** `true` lets `docker login` and `docker logout` succeed, as for AWS's own helper. */
const ENV_IGNORE_STORAGE = 'AWS_ECR_IGNORE_CREDS_STORAGE';

const USAGE = `Usage: ${NAME} <store|get|erase|list|version>

Docker, podman and other tools run this program to get the password of a private
ECR registry. The program must be on the PATH. Name it in ~/.docker/config.json:

  { "credHelpers": {
      "111122223333.dkr.ecr.eu-west-1.amazonaws.com": "ecr-token" } }

get      reads a host from standard input and prints its user name and password
         as JSON. If there are none, it prints "credentials not found in native
         keychain". For a private ECR host it also writes the reason to standard
         error.
list     prints the registry of the identity's own account as JSON.
store    fails, because the program does not store passwords. You need no login.
         With AWS_ECR_IGNORE_CREDS_STORAGE=true it succeeds and does nothing.
erase    does the same as store.
version  prints the version.

The identity comes from the environment; see ecr-token --help.
Exit code: 0 success; 1 failure.
`;

/**
 * The program `docker-credential-ecr-token`. Docker reads errors from standard output, and shows standard error.
 *
 * @see https://github.com/docker/docker-credential-helpers, `credentials/credentials.go` and `credentials/error.go`
 * @see https://github.com/awslabs/amazon-ecr-credential-helper 0.12, which behaves the same, except for standard error
 * @returns its exit code.
 */
export async function runDockerCredential(console: Console): Promise<number> {
  const { args, print } = console;
  const [action = '', ...rest] = args;
  if (rest.length > 0) {
    print(`${NAME} ${action}: unexpected ${JSON.stringify(rest[0])}; a host is read from standard input\n`);
    return EXIT.refused;
  }
  switch (action) {
    case 'get':
      return get(console);
    case 'store':
    case 'erase':
      return passOver(action, console);
    case 'list':
      return list(console);
    case 'version':
    case '--version':
    case '-v':
      print(`${NAME} (@ecr-anywhere/ecr-token) ${version()}\n`);
      return EXIT.ok;
    case '--help':
    case '-h':
      print(USAGE);
      return EXIT.ok;
    case '':
      print(USAGE);
      return EXIT.refused;
    default:
      print(`${NAME}: unknown action ${JSON.stringify(action)}; --help lists them\n`);
      return EXIT.refused;
  }
}

/** Docker asks the helper for many registries. Any answer other than "not found" makes Docker fail. */
async function get({ env, input, print, complain }: Console): Promise<number> {
  const serverUrl = (await input()).trim();
  if (serverUrl === '') {
    print('no credentials server URL\n');
    return EXIT.refused;
  }
  const registry = parseRegistry(serverUrl);
  if (registry === undefined || registry.public) {
    print(`${NOT_FOUND}\n`);
    return EXIT.refused;
  }
  try {
    const { obtainToken } = await import('./obtain-token.ts');
    const { region, fips } = registry; // like AWS's helper, which does not choose a dual-stack endpoint by the host
    const { username, password } = await obtainToken(env, { region, fips }, complain);
    print(`${JSON.stringify({ ServerURL: serverUrl, Username: username, Secret: password })}\n`);
    return EXIT.ok;
  } catch (error) {
    print(`${NOT_FOUND}\n`);
    if (!isEcrTokenError(error)) throw error;
    tellError(NAME, error, complain);
    return EXIT.refused;
  }
}

/**
 * Without a token the list is empty, and the program does not fail: a build lists all credentials before it pulls from
 * any registry.
 */
async function list({ env, print, complain }: Console): Promise<number> {
  try {
    const { obtainToken } = await import('./obtain-token.ts');
    const { proxyEndpoint, username } = await obtainToken(env, {}, complain);
    print(`${JSON.stringify(proxyEndpoint === undefined ? {} : { [proxyEndpoint]: username })}\n`);
  } catch (error) {
    print('{}\n');
    if (!isEcrTokenError(error)) throw error;
    tellError(NAME, error, complain);
  }
  return EXIT.ok;
}

/** Nothing is stored or removed, so it fails: otherwise a login would seem to have worked. */
async function passOver(action: string, { env, input, print, complain }: Console): Promise<number> {
  await input(); // Docker writes it, and would otherwise get EPIPE
  if (read(env, ENV_IGNORE_STORAGE) === 'true') {
    complain(`${NAME}: ${action} is ignored, as ${ENV_IGNORE_STORAGE} says`);
    return EXIT.ok;
  }
  print(
    `${NAME} does not store passwords: it asks AWS for one when it is needed, without a login; set ${ENV_IGNORE_STORAGE}=true to let docker login and docker logout succeed\n`,
  );
  return EXIT.refused;
}
