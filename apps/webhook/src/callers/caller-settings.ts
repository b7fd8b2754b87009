import { list, type Check, type Settings } from '@ecr-anywhere/settings';
import * as z from 'zod';

/** How callers are checked. */
export type CallerMode = 'none' | 'path' | 'clientCertificate' | 'aggregated';

/** The modes, the weakest first. The last two prove the same: that the caller has a key of the API server. */
export const STRENGTH: Readonly<Record<CallerMode, number>> = {
  none: 0,
  path: 1,
  clientCertificate: 2,
  aggregated: 2,
};

/** The resource of the aggregation layer at which reviews arrive. */
export interface ApiResource {
  readonly group: string;
  readonly version: string;
  readonly resource: string;
}

/** A mode, and what it needs. */
export type CallerChoice =
  | { readonly mode: 'none' }
  | { readonly mode: 'path'; readonly file: string }
  | { readonly mode: 'clientCertificate'; readonly caFile: string; readonly namesFile: string }
  | {
      readonly mode: 'aggregated';
      readonly api: ApiResource;
      /** The environment, which says where the API server is. */
      readonly environment: Settings;
    };

const MODES = Object.keys(STRENGTH) as CallerMode[];
const EXPECTED = `expected ${MODES.slice(0, -1).join(', ')} or ${MODES.at(-1)}`;

export const callerSettings = {
  CALLER_MODE: z.enum(MODES, { error: EXPECTED }).default('none'),
  CALLER_ALSO_ACCEPT: list().transform((words, context) => {
    if (words.every(isMode)) return words;
    context.addIssue(`${EXPECTED}, separated by commas`);
    return z.NEVER;
  }),
  CALLER_PATH_FILE: z.string().optional(),
  CALLER_CA_FILE: z.string().optional(),
  CALLER_NAMES_FILE: z.string().optional(),
  CALLER_API: z
    .string()
    .transform((text, context): ApiResource => {
      const [, group, version, resource] = API.exec(text) ?? [];
      if (group !== undefined && version !== undefined && resource !== undefined)
        return { group, version, resource };
      context.addIssue('expected GROUP/VERSION/RESOURCE, such as webhook.example.com/v1/reviews');
      return z.NEVER;
    })
    .optional(),
} as const;

/** The group has a dot: Kubernetes keeps groups without one for itself. */
const API =
  /^([\da-z](?:[\da-z-]*[\da-z])?(?:\.[\da-z](?:[\da-z-]*[\da-z])?)+)\/(v\d+(?:(?:alpha|beta)\d+)?)\/([a-z]+)$/;

function isMode(word: string): word is CallerMode {
  return MODES.includes(word as CallerMode);
}

type CallerValues = z.output<z.ZodObject<typeof callerSettings>>;

/** What each mode cannot do without. */
const NEEDS: Readonly<Record<CallerMode, readonly (keyof CallerValues)[]>> = {
  none: [],
  path: ['CALLER_PATH_FILE'],
  clientCertificate: ['CALLER_CA_FILE', 'CALLER_NAMES_FILE'],
  aggregated: ['CALLER_API'],
};

/** Refuses modes without what they need, and two modes that TLS cannot tell apart. */
export function checkCallers(settings: Settings): Check<CallerValues> {
  return (values) => {
    const modes = modesOf(values);
    const missing = modes.flatMap((mode) =>
      NEEDS[mode]
        .filter((name) => !settings[name])
        .map((name) => `${name}: the mode ${mode} of callers needs it`),
    );
    // TLS trusts the CAs of both. It does not tell which of them vouches for a client.
    const isAmbiguous = modes.includes('clientCertificate') && modes.includes('aggregated');
    return isAmbiguous ? [...missing, AMBIGUOUS] : missing;
  };
}

const AMBIGUOUS =
  'CALLER_ALSO_ACCEPT: clientCertificate and aggregated cannot be accepted together; change from one to the other by way of path';

/**
 * The chosen modes, CALLER_MODE first.
 *
 * @param values - have passed `checkCallers`, so that nothing is missing
 */
export function callerChoices(
  values: CallerValues,
  environment: Settings,
): readonly [CallerChoice, ...CallerChoice[]] {
  const {
    CALLER_PATH_FILE: file = '',
    CALLER_CA_FILE: caFile = '',
    CALLER_NAMES_FILE: namesFile = '',
  } = values;
  const { CALLER_API: api = { group: '', version: '', resource: '' } } = values;
  const choice = (mode: CallerMode): CallerChoice => {
    switch (mode) {
      case 'none':
        return { mode };
      case 'path':
        return { mode, file };
      case 'clientCertificate':
        return { mode, caFile, namesFile };
      case 'aggregated':
        return { mode, api, environment };
    }
  };
  const [first, ...others] = modesOf(values);
  return [choice(first), ...others.map(choice)];
}

function modesOf({
  CALLER_MODE: mode = 'none',
  CALLER_ALSO_ACCEPT: others = [],
}: Partial<CallerValues>): [CallerMode, ...CallerMode[]] {
  return [mode, ...new Set(others.filter((other) => other !== mode))];
}
