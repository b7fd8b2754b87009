import { GetAuthorizationTokenCommand } from '@aws-sdk/client-ecr';
import { describe, expect, it } from '@jest/globals';
import { RegistryLog } from './registry-log.ts';
import { startStage } from '../testing/clients.ts';
import { tokenId } from '../ecr/tokens.ts';

describe("the registry's log", () => {
  it('tells apart two tokens and requests without a token, and has no password', async () => {
    let now = Date.parse('2026-01-01T00:00:00Z');
    const stage = await startStage({ clock: () => now });
    try {
      const { emulator } = stage;
      const newToken = async () => {
        const ecr = stage.ecr({ systemClockOffset: now - Date.now() });
        const { authorizationData } = await ecr.send(new GetAuthorizationTokenCommand({}));
        const token = authorizationData?.[0]?.authorizationToken ?? '';
        return { token, password: Buffer.from(token, 'base64').toString().slice('AWS:'.length) };
      };
      const ask = (path: string, token: string, method = 'GET') =>
        fetch(`${emulator.registryUrl}${path}`, { method, headers: { authorization: `Basic ${token}` } });
      const [first, second] = [await newToken(), await newToken()];
      const madeUp = Buffer.from('AWS:made-up').toString('base64');

      await ask('/v2/team/app/manifests/latest', madeUp, 'HEAD');
      await ask('/v2/team/app/manifests/latest', first.token, 'HEAD');
      await ask('/v2/team/app/blobs/sha256:0?ns=111122223333.dkr.ecr.us-east-1.amazonaws.com', second.token);
      now += 13 * 3_600_000;
      await ask('/v2/', first.token);

      const host = new URL(emulator.registryUrl).host;
      const manifest = {
        at: '2026-01-01T00:00:00.000Z',
        method: 'HEAD',
        path: '/v2/team/app/manifests/latest',
      };
      expect(emulator.registryRequests()).toEqual([
        { ...manifest, host, status: 401 },
        { ...manifest, host, status: 200, token: tokenId(first.password) },
        {
          at: '2026-01-01T00:00:00.000Z',
          method: 'GET',
          path: '/v2/team/app/blobs/sha256:0',
          host: '111122223333.dkr.ecr.us-east-1.amazonaws.com',
          status: 404,
          token: tokenId(second.password),
        },
        {
          at: '2026-01-01T13:00:00.000Z',
          method: 'GET',
          path: '/v2/',
          host,
          status: 401,
          token: tokenId(first.password),
        },
      ]);
      expect(tokenId(first.password)).toMatch(/^[0-9a-f]{16}$/);
      expect(tokenId(first.password)).not.toBe(tokenId(second.password));
      const text = JSON.stringify(emulator.registryRequests());
      for (const secret of [first.password, first.token, second.password, 'made-up', madeUp]) {
        expect(text).not.toContain(secret);
      }
    } finally {
      await stage.stop();
    }
  });

  it('keeps the newest 10,000 lines, and can be reset', () => {
    const log = new RegistryLog();
    for (let index = 0; index < 10_001; index += 1) {
      log.add({ at: `${index}`, method: 'GET', path: '/v2/', host: '', status: 200 });
    }

    expect(log.lines()).toHaveLength(10_000);
    expect(log.lines()[0]?.at).toBe('1');
    log.reset();
    expect(log.lines()).toEqual([]);
  });
});
