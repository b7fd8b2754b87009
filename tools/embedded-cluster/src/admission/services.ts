import { get } from 'node:http';

/** A backend of a Service. */
export interface Endpoint {
  readonly host: string;
  readonly port: number;
  /** Answers 200 over plain HTTP while the endpoint is ready; without one it always is. */
  readonly readyUrl?: string;
}

interface Service {
  readonly endpoints: readonly Endpoint[];
  ready: readonly Endpoint[];
  turn: number;
}

const PROBE_PERIOD = 150;

/** Services as kube-proxy does them: a new connection goes to the next endpoint that is ready, and stays there. */
export class Services {
  readonly #services = new Map<string, Service>();
  #probing: NodeJS.Timeout | undefined;

  /** Adds or changes a Service. @returns once its endpoints were probed for the first time */
  async set(namespace: string, name: string, endpoints: readonly Endpoint[]): Promise<void> {
    const before = this.#services.get(`${namespace}/${name}`);
    const service = {
      endpoints,
      ready: before?.ready.filter((one) => endpoints.includes(one)) ?? [],
      turn: 0,
    };
    this.#services.set(`${namespace}/${name}`, service);
    this.#probing ??= setInterval(() => void this.#probeAll(), PROBE_PERIOD).unref();
    await probe(service);
  }

  /** @throws Error in the words of the API server */
  pick(namespace: string, name: string): Endpoint {
    const service = this.#services.get(`${namespace}/${name}`);
    if (service === undefined) throw new Error(`service "${name}" not found`);
    const endpoint = service.ready[service.turn++ % Math.max(1, service.ready.length)];
    if (endpoint === undefined) throw new Error(`no endpoints available for service "${name}"`);
    return endpoint;
  }

  stop(): void {
    clearInterval(this.#probing);
    this.#probing = undefined;
  }

  async #probeAll(): Promise<void> {
    await Promise.all([...this.#services.values()].map(probe));
  }
}

async function probe(service: Service): Promise<void> {
  const states = await Promise.all(service.endpoints.map(isReady));
  service.ready = service.endpoints.filter((_, index) => states[index]);
}

function isReady({ readyUrl }: Endpoint): Promise<boolean> {
  if (readyUrl === undefined) return Promise.resolve(true);
  return new Promise((settle) => {
    const call = get(readyUrl, { timeout: 1_000, agent: false }, (response) => {
      response.resume();
      settle(response.statusCode === 200);
    });
    call.on('timeout', () => call.destroy());
    call.on('error', () => settle(false));
  });
}
