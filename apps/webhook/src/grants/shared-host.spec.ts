import { describe, expect, it } from '@jest/globals';
import { sharedHostOf } from './shared-host.ts';

const OWN = '111122223333.dkr.ecr.eu-west-1.amazonaws.com';

describe('a host of several grants', () => {
  it('is refused if two profiles have it, and the refusal names both', () => {
    const message = sharedHostOf([
      { name: 'team-a/eu-west-1', hosts: ['a.example', OWN] },
      { name: 'team-b/eu-west-1', hosts: [undefined, OWN] },
    ]);
    expect(message).toContain(
      `The profiles team-a and team-b of ECR Anywhere both have credentials for ${OWN}`,
    );
  });

  it('may be there twice in one profile, and may be unknown', () => {
    const hosts = [OWN, OWN];
    expect(
      sharedHostOf([
        { name: 'team-a/eu-west-1', hosts },
        { name: 'team-a/us-east-1', hosts },
        { name: 'team-b/eu-west-1', hosts: [undefined] },
        { name: 'team-c/eu-west-1', hosts: [undefined] },
      ]),
    ).toBeUndefined();
  });
});
