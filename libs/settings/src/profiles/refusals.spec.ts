import { ANNOTATIONS, WEBHOOK_NAME } from '@ecr-anywhere/secret-scan';
import { describe, expect, it } from '@jest/globals';
import { readAws } from '../aws-settings.ts';
import { chooseProfiles } from './profile-choice.ts';
import { profilesOfFile } from './profiles-file.ts';
import { causeOfRefusal } from './refusals.ts';

const profile = (name: string, more: object = {}) => ({
  name,
  namespaces: ['blue'],
  region: 'eu-west-1',
  ...more,
});
const regions = (area: string) => Array.from({ length: 16 }, (_, index) => `${area}-${index + 1}`);
const PROFILES = profilesOfFile(
  {
    profiles: [
      profile('a', { hosts: ['mirror.example.com'] }),
      profile('b', { hosts: ['mirror.example.com'] }),
      profile('c', { region: undefined, regions: regions('eu-west') }),
      profile('d', { region: undefined, regions: regions('us-east') }),
      profile('of-others', { namespaces: [] }),
    ],
  },
  readAws({}).settings(),
  [],
);

const asApiServer = (text: string) => `admission webhook "${WEBHOOK_NAME}" denied the request: ${text}`;

describe('a refusal of the webhook', () => {
  it.each([
    ['of-others', 'profiles'],
    [undefined, 'profiles'],
    ['c,d', 'profiles'],
    ['a,b', 'hosts'],
  ])('that names %s follows from the %s', (names, cause) => {
    const annotations: Record<string, string> = names === undefined ? {} : { [ANNOTATIONS.profile]: names };
    const choice = chooseProfiles(PROFILES, { metadata: { annotations }, namespace: 'blue' });
    expect(causeOfRefusal(asApiServer(choice.kind === 'refused' ? choice.message : ''))).toBe(cause);
  });

  it.each([
    asApiServer('A Secret managed by ECR Anywhere cannot have "immutable: true"'),
    asApiServer(
      'ECR Anywhere could not get an ECR token: AWS says: This namespace may not use the profile a',
    ),
    'admission webhook "of.another" denied the request: This namespace may not use the profile a',
    'This namespace may not use the profile a',
  ])('does not, and neither does that of others: %s', (message) => {
    expect(causeOfRefusal(message)).toBeUndefined();
  });
});
