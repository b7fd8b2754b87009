import { isEcrTokenError } from '../errors.ts';
import { parseRegistry } from '../registry.ts';
import { EXIT, type Console } from './console.ts';
import { obtainToken } from './obtain-token.ts';

/** What Docker takes for "nothing for this host", to the letter. */
const NOT_FOUND = 'credentials not found in native keychain';

/**
 * The program `docker-credential-ecr-token`. Docker reads errors from standard output.
 *
 * @see https://github.com/docker/docker-credential-helpers, `credentials/credentials.go` and `credentials/error.go`
 * @returns its exit code.
 */
export async function runDockerCredential({ args, env, input, print, complain }: Console): Promise<number> {
  const [action] = args;
  switch (action) {
    case 'get':
      return get((await input()).trim(), { env, print, complain });
    case 'store':
    case 'erase':
      await input(); // Docker writes it, and would meet a closed pipe; there is nothing to keep or to forget
      return EXIT.ok;
    case 'list':
      print('{}\n');
      return EXIT.ok;
    case 'version':
      print('docker-credential-ecr-token\n');
      return EXIT.ok;
    default:
      print('Usage: docker-credential-ecr-token <store|get|erase|list|version>\n');
      return EXIT.refused;
  }
}

async function get(
  serverUrl: string,
  { env, print, complain }: Pick<Console, 'env' | 'print' | 'complain'>,
): Promise<number> {
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
    const { username, password } = await obtainToken(env, registry.region, complain);
    print(`${JSON.stringify({ ServerURL: serverUrl, Username: username, Secret: password })}\n`);
    return EXIT.ok;
  } catch (error) {
    if (!isEcrTokenError(error)) throw error;
    print(`${error.message} [${error.code}]; ${error.remedy}\n`);
    return EXIT.refused;
  }
}
