import type { Impersonation } from '../kubeconfig/access.ts';
import { headerValue, type Headers } from './headers.ts';

/**
 * The headers that ask the API server to treat a request as one of another user.
 *
 * @throws AccessError
 */
export function impersonationHeaders({ user, uid, groups, extra, field }: Impersonation): Headers {
  return {
    'impersonate-user': headerValue(user, `${field}: as`),
    ...(uid !== undefined && { 'impersonate-uid': headerValue(uid, `${field}: as-uid`) }),
    ...(groups.length > 0 && {
      'impersonate-group': groups.map((group) => headerValue(group, `${field}: as-groups`)),
    }),
    ...Object.fromEntries(
      Object.entries(extra).map(([key, values]) => [
        `impersonate-extra-${escapeKey(key)}`,
        values.map((value) => headerValue(value, `${field}: as-user-extra`)),
      ]),
    ),
  };
}

/** Percent-encodes what the name of a header must not contain, and `%` itself. The API server decodes it. */
function escapeKey(key: string): string {
  return Buffer.from(key)
    .toString('latin1')
    .replaceAll(
      /[^!#$&'*+\-.^`|~\w]/g,
      (byte) => `%${byte.charCodeAt(0).toString(16).toUpperCase().padStart(2, '0')}`,
    );
}
