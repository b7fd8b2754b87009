import { TOKEN_LIFETIME } from '@ecr-anywhere/secret-scan';
import { formatDuration, type Milliseconds } from './duration.ts';
import { variableName, type Check } from './read-settings.ts';
import { wrongHosts, type RegistryHost } from './registry-hosts.ts';

// Settings that contradict each other. Each function is a check for readSettings.

/** The settings that decide how long a token has to live. The refresher has no `TOKEN_REUSE`. */
export interface ThresholdSettings {
  readonly REFRESH_THRESHOLD: Milliseconds;
  readonly REFRESH_MARGIN: Milliseconds;
  readonly TOKEN_REUSE: Milliseconds;
}

/** Refuses a threshold that no token can meet. */
export const checkThreshold: Check<ThresholdSettings> = (
  { REFRESH_THRESHOLD: threshold, REFRESH_MARGIN: margin = 0, TOKEN_REUSE: reuse = 0 },
  nameOf = variableName,
) => {
  const most = TOKEN_LIFETIME - margin - reuse;
  if (threshold === undefined || threshold < most) return [];
  const parts = [
    ...(reuse > 0 ? [`${formatDuration(reuse)} may have passed (TOKEN_REUSE)`] : []),
    ...(margin > 0 ? [`${formatDuration(margin)} are kept back (REFRESH_MARGIN)`] : []),
  ];
  const ofWhich = parts.length > 0 ? `, of which ${parts.join(' and ')}` : '';
  return [
    `${nameOf('REFRESH_THRESHOLD')}: no token could meet it: a token lives ${formatDuration(TOKEN_LIFETIME)}${ofWhich}; ` +
      `expected less than ${formatDuration(most)}, not ${formatDuration(threshold)}`,
  ];
};

/**
 * Refuses registries of ECR that no token opens: those of a region or partition that is not served, and ECR Public.
 *
 * @param regions - the home region first; empty if they are unknown
 */
export function checkRegistryHosts(
  regions: readonly string[],
): Check<{ REGISTRY_HOSTS: readonly RegistryHost[] }> {
  return ({ REGISTRY_HOSTS: hosts = [] }, nameOf = variableName) =>
    wrongHosts(
      hosts,
      regions,
      'name mirrors, and registries of the regions in AWS_REGION or AWS_REGIONS',
    ).map((mistake) => `${nameOf('REGISTRY_HOSTS')}: ${mistake}`);
}
