import { EcrTokenError } from '../../errors/error.ts';
import { readSmallFile, type UnreadableFileError } from '../../settings/small-file.ts';

/**
 * Reads a web identity token. It is read for each use, because its issuer replaces it.
 *
 * @param namedBy - the variable or the setting that may name the file
 * @throws `EcrTokenError` with `identity-rejected` that names the file
 */
export async function readTokenFile(file: string, namedBy: string): Promise<string> {
  let token = '';
  let why = 'is empty';
  try {
    token = (await readSmallFile(file)).trim();
  } catch (error) {
    why = (error as UnreadableFileError).reason;
  }
  if (token !== '') return token;
  throw new EcrTokenError({
    code: 'identity-rejected',
    message: `The web identity token file ${file} ${why}`,
    remedy: `check the path where it was set, such as in ${namedBy}, and the volume that the token is projected into`,
  });
}
