import { clientOptionsFromEnv, isEcrTokenError, type Environment } from '@ecr-anywhere/ecr-token';
import { SettingsError } from './settings-error.ts';

/** Each region takes a token, and each managed Secret an entry of some kilobytes for it. */
export const MOST_REGIONS = 20;

/**
 * The regions whose registries Secrets get credentials for. The first one is home: STS is asked there, and a registry host
 * without a region in its name gets the token of this region. The list is empty if the environment names no region.
 *
 * `AWS_REGIONS` lists them. `AWS_REGION`, if it is set as well, says which of them is home. Otherwise it is the first.
 *
 * @throws {@link SettingsError} with every mistake at once
 */
export function readRegions(env: Environment): readonly string[] {
  const { AWS_REGION, AWS_DEFAULT_REGION } = env;
  const given = words(env['AWS_REGIONS']);
  const [first] = given;
  if (first === undefined) {
    const only = regionOf({ AWS_REGION, AWS_DEFAULT_REGION });
    return only === undefined ? [] : [only];
  }
  const mistakes = given.filter((name) => !isRegion(name)).map(notARegion);
  if (given.length > MOST_REGIONS)
    mistakes.push(`AWS_REGIONS: expected at most ${MOST_REGIONS} regions, not ${given.length}`);
  if (mistakes.length > 0) throw new SettingsError(mistakes);
  const home = regionOf({ AWS_REGION }) ?? first;
  if (!given.includes(home))
    throw new SettingsError([`AWS_REGION: expected one of AWS_REGIONS (${given.join(', ')}), not ${home}`]);
  return [home, ...given.filter((name) => name !== home)];
}

function words(text = ''): readonly string[] {
  const all = text.split(',').map((word) => word.trim());
  return [...new Set(all.filter((word) => word !== ''))];
}

/** @throws `EcrTokenError` if the name is malformed */
function regionOf(env: Environment): string | undefined {
  return clientOptionsFromEnv(env).region;
}

/** Whether a text is the name of a region. */
export function isRegion(name: string): boolean {
  try {
    return regionOf({ AWS_REGION: name }) === name; // not with white space around it
  } catch (error) {
    if (!isEcrTokenError(error)) throw error;
    return false;
  }
}

const MAX_SHOWN_LENGTH = 60;

function notARegion(name: string): string {
  return `AWS_REGIONS: expected regions such as eu-west-1, separated by commas, not ${JSON.stringify(name.slice(0, MAX_SHOWN_LENGTH))}`;
}
