import { expect, it } from '@jest/globals';
import { answerLimit } from './answer-limit.ts';

it.each([
  ['two seconds before the API server gives up', 'timeout=10s', 8_000],
  ['wherever it says so', 'a=b&timeout=30s&c', 28_000],
  ['after half of the time where there is little', 'timeout=2s', 1_000],
  ['as if by the default where it does not say', '', 8_000],
  ['as if by the default where it says nonsense', 'timeout=soon', 8_000],
  ['as if by the default where it says nothing by zero', 'timeout=0s', 8_000],
  ['as if by the longest that there is where it says more', 'timeout=9999h', 28_000],
])('an answer leaves %s', (_, querystring, limit) => expect(answerLimit(querystring)).toBe(limit));
