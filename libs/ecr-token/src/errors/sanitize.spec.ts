import { describe, expect, it } from '@jest/globals';
import { sanitized } from './sanitize.ts';

/** An error as the SDK creates it from a service's answer. */
const answered = (message: string) =>
  Object.assign(new Error(message), {
    name: 'AccessDeniedException',
    $metadata: { httpStatusCode: 400 },
    $fault: 'client',
  });

describe('the cause that is kept from an AWS error', () => {
  it('is its first sentence, with the names that help', () => {
    const message =
      'User: arn:aws:iam::111122223333:user/ci is not authorized to perform: ecr:GetAuthorizationToken. More';
    expect(sanitized(answered(message)).message).toBe(message.slice(0, -6));
  });

  it('contains nothing that may be a key or a token', () => {
    const { message } = sanitized(
      answered(`The token FwoGZXIvYXdzEBYaDKplantedSecret123 of '${'A1'.repeat(20)}' is bad`),
    );
    expect(message).toBe('The token [redacted] of [redacted] is bad');
  });

  it.each(['.'.repeat(100_000), `${'.'.repeat(3_000)}_x`, `${'a.'.repeat(50_000)}!`, '-'.repeat(100_000)])(
    'is found in a short time in a text that was made to be slow (%#)',
    (text) => {
      const started = process.cpuUsage();
      sanitized(answered(text));
      const { user } = process.cpuUsage(started);
      // Earlier patterns needed seconds to hours for these texts. Even a slow machine needs far less than this limit.
      expect(user).toBeLessThan(1_000_000);
    },
  );
});
