import type { SeenRequest } from './api-servers.ts';
import type { SeenByProxy } from './proxies.ts';
import type { World } from './world.ts';

/** The request that a server received, or the refusal before it. */
export type Observed = Arrived | 'refused';

interface Arrived extends SeenRequest {
  /** KUBERNETES_EXEC_INFO, if the plugin's token contains it. */
  readonly execInfo?: unknown;
  readonly via?: SeenByProxy;
}

/**
 * Observes one request, without values that differ each time: ports, certificates, folders.
 *
 * @param ask - makes the request, and returns the reason if it cannot
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
  return { observed: { ...request, ...execInfoIn(request, world, folder), ...(via && { via }) }, reason };
}

function execInfoIn({ authorization }: SeenRequest, world: World, folder: string): Partial<Arrived> {
  const [, token = ''] = /^Bearer (\S+)$/.exec(authorization ?? '') ?? [];
  const text = Buffer.from(token, 'base64').toString();
  if (!text.startsWith('{')) return {};
  return {
    authorization: 'Bearer (KUBERNETES_EXEC_INFO)',
    execInfo: JSON.parse(toStableText(text, world, folder)) as unknown,
  };
}

function toStableText(text: string, { apiServers, proxies, ca }: World, folder: string): string {
  let stable = text.replaceAll(folder, 'FOLDER').replaceAll(Buffer.from(ca).toString('base64'), 'CA');
  for (const [name, port] of Object.entries({ ...apiServers.ports, ...proxies.ports })) {
    stable = stable.replaceAll(`:${port}`, `:PORT-OF-${name}`);
  }
  return stable;
}
