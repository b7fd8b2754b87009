import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { isExempt } from './is-exempt.ts';

const ECR = 'api.ecr.eu-west-1.amazonaws.com';

describe('NO_PROXY', () => {
  it.each([
    ['', ECR, false],
    ['*', ECR, true],
    ['amazonaws.com', ECR, true],
    ['AmazonAWS.com', ECR, true],
    ['.amazonaws.com', ECR, true],
    ['*.amazonaws.com', ECR, true],
    ['.amazonaws.com', 'amazonaws.com', false],
    ['amazonaws.com', 'amazonaws.com', true],
    ['aws.com', ECR, false],
    ['example.com, amazonaws.com', ECR, true],
    ['example.com amazonaws.com', ECR, true],
    ['amazonaws.com:443', ECR, true],
    ['amazonaws.com:8443', ECR, false],
    ['10.0.0.0/8', '10.1.2.3', true],
    ['10.0.0.0/8', '11.1.2.3', false],
    ['10.0.0.0/99', '10.1.2.3', false],
    ['10.0.0.0/8', ECR, false],
    ['10.1.2.3', '10.1.2.3', true],
    ['10.1.2.3:443', '10.1.2.3', true],
    ['2.3', '10.1.2.3', false],
    ['fd00::/8', '[fd00:ec2::23]', true],
    ['[fd00:ec2::23]', '[fd00:ec2::23]', true],
    ['fd00:ec2::23', '[fd00:ec2::23]', true],
    ['fd00:ec2:0::23', '[fd00:ec2::23]', true],
    ['[fd00:ec2::23]:443', '[fd00:ec2::23]', true],
    [',,', ECR, false],
  ])('%p for %s is %p', (noProxy, host, expected) => {
    expect(isExempt(noProxy, host, 443)).toBe(expected);
  });

  it.each(['localhost', '127.0.0.1', '127.1.1.1', '[::1]'])('is not needed for %s', (host) => {
    expect(isExempt('', host, 443)).toBe(true);
  });

  it.each(['127.0.0.1.example.com', '127.example.com'])(
    'is needed for a name that looks like it: %s',
    (host) => {
      expect(isExempt('', host, 443)).toBe(false);
    },
  );

  it('may have any content', () => {
    fc.assert(
      fc.property(
        fc.string(),
        fc.domain(),
        (noProxy, host) => typeof isExempt(noProxy, host, 443) === 'boolean',
      ),
    );
  });
});
