import { container } from './container.ts';
import { environment } from './environment.ts';
import { instance } from './instance.ts';
import type { ChainLink } from './link.ts';
import { profile } from './profile.ts';
import { webIdentity } from './web-identity.ts';

/**
 * Where credentials are looked for, in the order of the AWS SDK for JavaScript: the first link that is configured is
 * taken, whether or not it gives any. The AWS CLI differs: there, keys in variables come before a profile that
 * `AWS_PROFILE` names, and a token file before keys in a profile.
 */
export const CHAIN: readonly ChainLink[] = [environment, profile, webIdentity, container, instance];
