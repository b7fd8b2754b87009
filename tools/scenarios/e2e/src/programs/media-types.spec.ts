import { once } from 'node:events';
import type { IncomingMessage } from 'node:http';
import { request } from 'node:https';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { startAbusedWebhook, type AbusedWebhook } from './abused-webhook.ts';
import { review } from '../good-reviews.ts';

// The bundle has a short table of media types in place of mime-db: see tools/build/media-types.json.
describe('the webhook as a bundle says the media type of its answer:', () => {
  let webhook: AbusedWebhook;
  beforeAll(async () => void (webhook = await startAbusedWebhook()));
  afterAll(() => webhook?.stop());

  it.each([
    ['a review', 'POST', '/sync', 200, 'application/json; charset=utf-8'],
    ['what replicas ask each other', 'GET', '/instance', 200, 'application/json; charset=utf-8'],
    ['a refused request', 'GET', '/elsewhere', 404, 'text/plain; charset=utf-8'],
  ])('%s', async (_, method, path, status, type) => {
    const headers = { 'content-type': 'application/json' };
    const asked = request({ port: webhook.port, method, path, headers, rejectUnauthorized: false });
    asked.end(method === 'POST' ? review() : undefined);
    const [answer] = (await once(asked, 'response')) as [IncomingMessage];
    answer.resume();
    expect([answer.statusCode, answer.headers['content-type']]).toEqual([status, type]);
  });
});
