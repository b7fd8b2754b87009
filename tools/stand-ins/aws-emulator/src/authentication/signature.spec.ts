import { describe, expect, it } from '@jest/globals';
import { basicTime, readSignature, signedAt } from './signature.ts';

// The worked example of https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html
const SECRET = 'wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY';
const EXAMPLE = {
  method: 'GET',
  url: new URL('https://iam.amazonaws.com/?Action=ListUsers&Version=2010-05-08'),
  headers: {
    host: 'iam.amazonaws.com',
    'content-type': 'application/x-www-form-urlencoded; charset=utf-8',
    'x-amz-date': '20150830T123600Z',
    authorization:
      'AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20150830/us-east-1/iam/aws4_request, ' +
      'SignedHeaders=content-type;host;x-amz-date, ' +
      'Signature=5d672d79c15b13162d9279b0855cfba6789a8edb4c82c400e06b5924a6f2b5d7',
  },
  body: Buffer.alloc(0),
};

describe("a request's signature", () => {
  it("verifies AWS's own worked example", () => {
    const signature = readSignature(EXAMPLE);

    expect(signature).toMatchObject({
      accessKeyId: 'AKIDEXAMPLE',
      date: '20150830',
      region: 'us-east-1',
      service: 'iam',
      timestamp: '20150830T123600Z',
      signedHeaders: ['content-type', 'host', 'x-amz-date'],
    });
    expect(signature?.verify(SECRET)).toBe(true);
  });

  it.each([
    ['another secret', EXAMPLE, `${SECRET}x`],
    ['another body', { ...EXAMPLE, body: Buffer.from('x') }, SECRET],
    ['another method', { ...EXAMPLE, method: 'POST' }, SECRET],
    [
      'another query',
      { ...EXAMPLE, url: new URL('https://iam.amazonaws.com/?Action=DeleteUser&Version=2010-05-08') },
      SECRET,
    ],
    [
      'another signed header',
      { ...EXAMPLE, headers: { ...EXAMPLE.headers, host: 'sts.amazonaws.com' } },
      SECRET,
    ],
  ])('does not verify with %s', (_what, call, secret) => {
    expect(readSignature(call)?.verify(secret)).toBe(false);
  });

  it.each([
    ['of another scheme', { ...EXAMPLE.headers, authorization: 'Basic QVdTOng=' }],
    ['with no time', { ...EXAMPLE.headers, 'x-amz-date': undefined }],
  ])('is not read from a header %s', (_what, headers) => {
    expect(readSignature({ ...EXAMPLE, headers })).toBeUndefined();
  });

  it('has a time that is written as it was read', () => {
    expect(basicTime(signedAt('20150830T123601Z'))).toBe('20150830T123601Z');
    expect(signedAt('20150830T123601Z')).toBe(Date.UTC(2015, 7, 30, 12, 36, 1));
  });

  it.each(['', 'yesterday', '2015-08-30T12:36:00Z', '20159930T123600Z'])('has no time in %j', (text) => {
    expect(signedAt(text)).toBeNaN();
  });
});
