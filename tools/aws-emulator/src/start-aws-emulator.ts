import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import type { AddressInfo, Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { answerControl } from './control.ts';
import { Faults, seededRandom, type Fault, type FaultScope } from './faults.ts';
import { json, readCall, send, type Answer, type Call } from './http-message.ts';
import { Identities, type AccessKeys, type Milliseconds } from './identities.ts';
import { smallImage, type Image } from './image.ts';
import { Metadata } from './metadata.ts';
import { operationOf, registryHost, type AwsState, type LoggedCall } from './operations.ts';
import { answerRegistry } from './registry.ts';
import type { Role } from './sts.ts';
import { Tokens } from './tokens.ts';

/** What an emulator is to be like. */
export interface AwsEmulatorOptions {
  /** 0, any free port, by default. */
  readonly port?: number;
  /** Loopback by default. */
  readonly host?: string;
  /** Serves everything on a second port with TLS as well. */
  readonly tls?: { readonly cert: string; readonly key: string; readonly port?: number };
  readonly tokenLifetime?: Milliseconds;
  readonly account?: string;
  readonly region?: string;
  readonly roles?: Readonly<Record<string, Role>>;
  readonly image?: Image;
  readonly seed?: number;
  readonly clock?: () => number;
}

/** AWS in small, on loopback. */
export interface AwsEmulator {
  /** For `AWS_ENDPOINT_URL`. */
  readonly endpoint: string;
  /** The registry, over plain HTTP. */
  readonly registryUrl: string;
  /** Everything over TLS; undefined without `tls`. */
  readonly tlsUrl: string | undefined;
  readonly account: string;
  /** The registry's name, as images refer to it. */
  readonly registryHost: string;
  /** Keys of a user who may do everything. */
  readonly accessKeys: AccessKeys;
  /** For `AWS_CONTAINER_CREDENTIALS_FULL_URI` and `AWS_CONTAINER_AUTHORIZATION_TOKEN`. */
  readonly container: { readonly url: string; readonly token: string };
  /** How often each operation was asked for, since the last reset. */
  calls(): Record<string, number>;
  /** Every call since the last reset, oldest first. */
  log(): readonly LoggedCall[];
  resetCalls(): void;
  /** Orders a fault; without one, calls all of them off. */
  fault(fault?: Fault, scope?: FaultScope): void;
  /** Of tokens that are issued from now on. */
  setTokenLifetime(lifetime: Milliseconds): void;
  /** Ends at once, held connections included. */
  stop(): Promise<void>;
}

const HALF_A_DAY = 12 * 3_600_000;

export async function startAwsEmulator(options: AwsEmulatorOptions = {}): Promise<AwsEmulator> {
  const { account = '111122223333', region = 'us-east-1', clock = Date.now, host = '127.0.0.1' } = options;
  const identities = new Identities(account, clock);
  const state: AwsState = {
    identities,
    tokens: new Tokens(options.tokenLifetime ?? HALF_A_DAY, clock),
    roles: new Map(Object.entries(options.roles ?? {})),
    clock,
  };
  const metadata = new Metadata(identities, region, clock);
  const faults = new Faults(seededRandom(options.seed ?? 1));
  const image = options.image ?? smallImage();
  const log: LoggedCall[] = [];

  const handle = async (request: IncomingMessage, response: ServerResponse) => {
    const call = await readCall(request);
    const operation = operationOf(call, state);
    if (operation === undefined) return send(response, other(call));
    const fault = faults.strike(operation.name);
    const { answer, log: line } = operation.run(fault);
    log.push(line);
    if (fault?.kind === 'black-hole') return;
    if (fault?.kind === 'reset') return void request.socket.destroy();
    if (fault?.kind === 'latency') await sleep(fault.milliseconds);
    send(
      response,
      fault?.kind === 'malformed' ? { ...answer, status: 200, body: '<html>Log in</html>' } : answer,
    );
  };
  const other = (call: Call): Answer => {
    if (call.url.pathname.startsWith('/v2/'))
      return answerRegistry(call, image, state.tokens, emulator.endpoint);
    if (call.url.pathname.startsWith('/_emulator/')) return answerControl(call, emulator);
    return metadata.answer(call) ?? json(404, { message: `Nothing is served at ${call.url.pathname}` });
  };

  const onRequest = (request: IncomingMessage, response: ServerResponse) => {
    handle(request, response).catch(() => response.destroy());
  };
  const plain = await listen(createServer(onRequest), options.port ?? 0, host);
  const tls =
    options.tls && (await listen(createTlsServer(options.tls, onRequest), options.tls.port ?? 0, host));
  const endpoint = `http://127.0.0.1:${plain.port}`;

  const emulator: AwsEmulator = {
    endpoint,
    registryUrl: endpoint,
    tlsUrl: tls && `https://127.0.0.1:${tls.port}`,
    account,
    registryHost: registryHost(account, region),
    accessKeys: identities.user.keys,
    container: { url: `${endpoint}/container-credentials`, token: metadata.containerToken },
    calls() {
      const counts: Record<string, number> = {};
      for (const { operation } of log) counts[operation] = (counts[operation] ?? 0) + 1;
      return counts;
    },
    log: () => [...log],
    resetCalls: () => void (log.length = 0),
    fault: (fault, scope) => faults.order(fault, scope),
    setTokenLifetime: (lifetime) => void (state.tokens.lifetime = lifetime),
    stop: async () => void (await Promise.all([plain.close(), tls?.close()])),
  };
  return emulator;
}

async function listen(server: Server, port: number, host: string) {
  const sockets = new Set<Socket>();
  server.on('connection', (socket) => {
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket));
  });
  await new Promise<void>((listening, failed) => {
    server.once('error', failed);
    server.listen(port, host, listening);
  });
  return {
    port: (server.address() as AddressInfo).port,
    async close() {
      const closed = new Promise<void>((done) => server.close(() => done()));
      for (const socket of sockets) socket.destroy();
      await closed;
    },
  };
}
