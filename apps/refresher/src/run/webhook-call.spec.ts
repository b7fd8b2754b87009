import { KubernetesError } from '@ecr-anywhere/kubernetes';
import { ANNOTATIONS } from '@ecr-anywhere/secret-scan';
import { describe, expect, it } from '@jest/globals';
import { callOfAnswer, callOfError } from './webhook-call.ts';

function filledAt(updatedAt?: string) {
  const annotations: Record<string, string> =
    updatedAt === undefined ? {} : { [ANNOTATIONS.updatedAt]: updatedAt };
  return { namespace: 'n', name: 's', annotations };
}

describe("the API server's call of the webhook", () => {
  it.each([
    ['was answered, if updated_at is new', 'before', 'after', 'answered'],
    ['was answered, if updated_at is there for the first time', undefined, 'after', 'answered'],
    ['did not happen, if updated_at is the same', 'before', 'before', 'not_called'],
    ['did not happen, if there is no updated_at', undefined, undefined, 'not_called'],
  ])('%s', (_, before, after, expected) => {
    expect(callOfAnswer(filledAt(before), filledAt(after))).toBe(expected);
  });

  it.each([
    [
      'failed, if the API server says so',
      'Internal error occurred: failed calling webhook "ecr-anywhere.centml.ai": failed to call webhook: Post "https://…": dial tcp: connection refused',
      'failed',
    ],
    [
      'was answered, if the webhook refused',
      'admission webhook "ecr-anywhere.centml.ai" denied the request: no token',
      'answered',
    ],
    [
      'was answered, if the Secret is too large for the webhook',
      'Internal error occurred: failed calling webhook "ecr-anywhere.centml.ai": failed to call webhook: the server responded with the status code 413 but did not return more information',
      'answered',
    ],
    [
      'is unknown, if another webhook could not be called',
      'Internal error occurred: failed calling webhook "other.example.com": timeout',
      undefined,
    ],
    [
      'is unknown, if another webhook refused',
      'admission webhook "other.example.com" denied the request: no',
      undefined,
    ],
    [
      'is unknown, if the API server did not answer',
      'the request to the API server failed: no answer within 30 s',
      undefined,
    ],
  ])('%s', (_, message, expected) => {
    expect(callOfError(new KubernetesError('unavailable', message))).toBe(expected);
  });
});
