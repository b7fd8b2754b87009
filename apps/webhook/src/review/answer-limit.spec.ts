import { expect, it } from '@jest/globals';
import { answerLimit } from './answer-limit.ts';

it.each([
  ['two seconds before the API server gives up', 'timeout=10s', 8_000],
  ['also when the timeout is one of several parameters', 'a=b&timeout=30s&c', 28_000],
  ['after half of a short timeout', 'timeout=2s', 1_000],
  ['by the default timeout when there is none', '', 8_000],
  ['by the default timeout when it is nonsense', 'timeout=soon', 8_000],
  ['by the default timeout when it is zero', 'timeout=0s', 8_000],
  ['by the longest timeout of Kubernetes when it is longer', 'timeout=9999h', 28_000],
])('an answer leaves %s', (_, querystring, limit) => expect(answerLimit(querystring)).toBe(limit));
