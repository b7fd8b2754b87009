import { spawn } from 'node:child_process';
import { environmentOf, type Setup } from './setup.ts';

/**
 * Makes a request with the real kubectl. `create token` makes one request, without discovery before it.
 *
 * @returns the error of kubectl, if there is one
 */
export function askWith(kubectl: string) {
  return async (folder: string, setup: Setup): Promise<string | undefined> => {
    const flags = [
      ...(setup.kubeconfig === undefined
        ? []
        : [`--kubeconfig=${setup.kubeconfig.replaceAll('FOLDER', folder)}`]),
      ...(setup.context === undefined ? [] : [`--context=${setup.context}`]),
    ];
    const child = spawn(kubectl, ['create', 'token', 'x', ...flags], {
      cwd: folder,
      env: environmentOf(folder, setup),
      stdio: ['ignore', 'ignore', 'pipe'],
    });
    let errors = '';
    child.stderr.on('data', (chunk: Buffer) => (errors += chunk.toString()));
    await new Promise((resolve, reject) => child.on('error', reject).on('close', resolve));
    return errors.trim() || undefined;
  };
}
