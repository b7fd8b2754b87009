import { describe, expect, it } from '@jest/globals';
import { hasPath, hostIn } from './named-host.ts';

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
    ['a scheme and three slashes', `oci:///${ECR}`],
    ['a scheme and one slash', `https:/${ECR}`],
    ['no scheme, but its slashes', `//${ECR}`],
    ['a scheme inside of another one', `oci://https://${ECR}`],
    ['a tab', `${ECR}\t.evil.example.com`],
    ['a space in front', ` ${ECR}`],
    ['an ideographic full stop', ECR.replace('.dkr', '\u3002dkr')],
    ['a full-width full stop', `${ECR}\uff0eevil.example.com`],
    ['a soft hyphen', ECR.replace('amazon', 'ama\u00adzon')],
    ['a byte order mark', `\ufeff${ECR}`],
    ['a Kelvin sign, which is a k in lower case', ECR.replace('dkr', 'd\u212ar')],
    ['two dots', ECR.replace('.dkr', '..dkr')],
    ['a percent sign in the path', `${ECR}/%2e%2e/x`],
    ['a backslash in the path', `${ECR}/\\evil.example.com`],
    ['a host that is too long', `${'a.'.repeat(127)}${ECR}`],
    ['an IPv6 address', 'https://[::1]/'],
    ['an IPv6 address as a scheme', `[::1]:443/${ECR}`],
    ['a path that is too long', `${ECR}/${'a'.repeat(2_048)}`],
  ])('is not found in a URL with %s', (_, url) => {
    expect(hostIn(url)).toBeUndefined();
  });
});

describe('a URL with a path', () => {
  it('ends its host with a slash', () => {
    for (const url of [`${ECR}/`, `oci://${ECR}/charts`, `https://${ECR}:443/`])
      expect(hasPath(url)).toBe(true);
    for (const url of [ECR, `oci://${ECR}`, `https://${ECR}:443`]) expect(hasPath(url)).toBe(false);
  });
});
