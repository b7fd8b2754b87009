import { container } from './container.ts';
import { environment } from './environment.ts';
import { instance } from './instance.ts';
import { profile } from './profile.ts';
import type { CredentialSource } from './link.ts';
import { webIdentity } from './web-identity.ts';

/**
 * Where credentials are looked for, in the order of the AWS SDK for JavaScript: the first one that is configured is taken,
 * whether it gives any or not. The AWS CLI differs in that keys in variables come before a profile that `AWS_PROFILE`
 * names, and a token file before keys in a profile.
 */
export const SOURCES: readonly CredentialSource[] = [environment, profile, webIdentity, container, instance];
