import { describe, expect, it } from '@jest/globals';
import { isSessionOf } from './is-session-of.ts';

const SESSION = 'arn:aws:sts::111122223333:assumed-role/pull/session';

describe('a session of a role', () => {
  it.each([
    ['arn:aws:iam::111122223333:role/pull', true],
    ['arn:aws:iam::111122223333:role/a/path/pull', true],
    ['arn:aws:iam::111122223333:role/pull/other', false],
    ['arn:aws:iam::111122223333:role/pull-2', false],
    ['arn:aws:iam::999922223333:role/pull', false],
    ['arn:aws-cn:iam::111122223333:role/pull', false],
    ['', false],
  ])('is recognised by partition, account and name: %s is %p', (roleArn, expected) => {
    expect(isSessionOf(SESSION, roleArn)).toBe(expected);
  });

  it.each(['arn:aws:iam::111122223333:user/pull', 'arn:aws:sts::111122223333:federated-user/pull', ''])(
    'does not belong to %p',
    (callerArn) => {
      expect(isSessionOf(callerArn, 'arn:aws:iam::111122223333:role/pull')).toBe(false);
    },
  );
});
