import { describe, expect, it } from '@jest/globals';
import { hostIn } from './named-host.ts';

const ECR = '111122223333.dkr.ecr.eu-west-1.amazonaws.com';

describe('the registry host in a URL', () => {
  it.each([
    [ECR, ECR],
    [`oci://${ECR}`, ECR],
    [`oci://${ECR}/charts/app`, ECR],
    [`https://${ECR}/`, ECR],
    [`${ECR}/team_a/app.one`, ECR],
    [`${ECR}:443/app`, `${ECR}:443`],
    [`https://${ECR.toUpperCase()}`, ECR],
    ['mirror.example.com:5000', 'mirror.example.com:5000'],
  ])('%s is found', (url, host) => {
    expect(hostIn(url)).toBe(host);
  });

  it.each([
    ['nothing', ''],
    ['a scheme without a host', 'oci://'],
    ['a path without a host', '/app'],
    ['a scheme that encrypts nothing', `http://${ECR}`],
    ['a scheme of something else', `ssh://${ECR}`],
    ['a scheme in capitals', `OCI://${ECR}`],
    ['two schemes', `https://https://${ECR}`],
    ['a user', `AWS@${ECR}`],
    ['a user behind a scheme', `https://AWS:pw@${ECR}/`],
    ['the host as the user of another one', `https://${ECR}@evil.example.com/`],
    ['the host and port as the user of another one', `https://${ECR}:443@evil.example.com/`],
    ['another host behind an @ in the path', `https://${ECR}/@evil.example.com`],
    ['a backslash, which browsers read as a slash', `https://evil.example.com\\.${ECR}`],
    ['a backslash in front of an @', `https://${ECR}\\@evil.example.com`],
    ['a query', `https://${ECR}/?x=1`],
    ['a query instead of a path', `evil.example.com?.${ECR}`],
    ['a fragment', `evil.example.com#.${ECR}`],
    ['a percent sign', `https://${ECR}%2eevil.example.com`],
    ['a space', `${ECR} `],
    ['a line break behind it', `${ECR}\n`],
    ['a second line', `${ECR}\nevil.example.com`],
    ['a NUL', `${ECR}\0.evil.example.com`],
    ['a dot at its end', `${ECR}.`],
    ['a port that is no number', `${ECR}:443x`],
    ['no number as a port', `${ECR}:`],
    ['a letter of another alphabet', ECR.replace('amazonaws', 'аmazonaws')],
    ['a star', '*.dkr.ecr.eu-west-1.amazonaws.com'],
    ['an IPv6 address', 'https://[::1]/'],
    ['a path that is too long', `${ECR}/${'a'.repeat(2_048)}`],
  ])('is not found in a URL with %s', (_, url) => {
    expect(hostIn(url)).toBeUndefined();
  });
});
