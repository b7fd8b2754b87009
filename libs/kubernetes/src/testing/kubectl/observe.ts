import type { SeenRequest } from './api-servers.ts';
import type { SeenByProxy } from './proxies.ts';
import type { World } from './world.ts';

/** What arrived of a request, and how; or that it was refused before. */
export type Observed = Arrived | 'refused';

interface Arrived extends SeenRequest {
  /** What a plugin was told, where its token says that. */
  readonly execInfo?: unknown;
  readonly via?: SeenByProxy;
}

/**
 * Has one request made, and tells what of it arrived, without what is another one each time: ports, certificates, folders.
 *
 * @param ask - makes it, and gives the reason where it could not
 */
export async function observe(
  world: World,
  folder: string,
  ask: () => Promise<string | undefined>,
): Promise<{ observed: Observed; reason: string }> {
  world.apiServers.seen.length = 0;
  world.proxies.seen.length = 0;
  const reason = (await ask()) ?? '';
  const [request] = world.apiServers.seen;
  const [via] = world.proxies.seen;
  if (request === undefined) return { observed: 'refused', reason };
  return { observed: { ...request, ...toldIn(request, world, folder), ...(via && { via }) }, reason };
}

function toldIn({ authorization }: SeenRequest, world: World, folder: string): Partial<Arrived> {
  const [, token = ''] = /^Bearer (\S+)$/.exec(authorization ?? '') ?? [];
  const text = Buffer.from(token, 'base64').toString();
  if (!text.startsWith('{')) return {};
  return {
    authorization: 'Bearer (what the plugin was told)',
    execInfo: JSON.parse(withoutChance(text, world, folder)) as unknown,
  };
}

function withoutChance(text: string, { apiServers, proxies, ca }: World, folder: string): string {
  let stable = text.replaceAll(folder, 'FOLDER').replaceAll(Buffer.from(ca).toString('base64'), 'CA');
  for (const [name, port] of Object.entries({ ...apiServers.ports, ...proxies.ports })) {
    stable = stable.replaceAll(`:${port}`, `:PORT-OF-${name}`);
  }
  return stable;
}
