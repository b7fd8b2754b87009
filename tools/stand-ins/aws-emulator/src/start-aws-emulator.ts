import { createServer, type IncomingMessage, type RequestListener, type ServerResponse } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import { readSignature } from './authentication/signature.ts';
import type { AwsEmulator, AwsEmulatorOptions } from './aws-emulator.ts';
import { CallLog } from './operations/call-log.ts';
import { answerControl } from './faults/control.ts';
import { registryHost } from './ecr/ecr.ts';
import { Faults, seededRandom } from './faults/faults.ts';
import { json, readCall, send, type Answer, type Call } from './http/http-message.ts';
import { Identities } from './identities/identities.ts';
import { smallImage } from './registry/image.ts';
import { listen, type Listening } from './http/listen.ts';
import { Metadata } from './identities/metadata.ts';
import { operationOf, skewOf, type AwsState } from './operations/operations.ts';
import { answerRegistry } from './registry/registry.ts';
import { RegistryLog } from './registry/registry-log.ts';
import { strike } from './faults/strike.ts';
import { Tokens } from './ecr/tokens.ts';

const HALF_A_DAY = 12 * 3_600_000;

/**
 * Starts an emulator.
 *
 * @throws the error of listening, such as EADDRINUSE
 */
export async function startAwsEmulator(options: AwsEmulatorOptions = {}): Promise<AwsEmulator> {
  const { account = '111122223333', region = 'us-east-1', clock = Date.now, host = '127.0.0.1' } = options;
  const identities = new Identities(account, clock);
  const state: AwsState = {
    identities,
    tokens: new Tokens(options.tokenLifetime ?? HALF_A_DAY, clock),
    roles: new Map(Object.entries(options.roles ?? {})),
    webIdentityTokens: options.webIdentityTokens,
    clock,
  };
  const metadata = new Metadata(identities, region, clock);
  const faults = new Faults(seededRandom(options.seed ?? 1));
  const image = options.image ?? smallImage();
  const log = new CallLog();
  const registryLog = new RegistryLog();
  const stopping = new AbortController();

  const handle = async (request: IncomingMessage, response: ServerResponse) => {
    const call = await readCall(request);
    const operation = operationOf(call, state);
    if (operation === undefined) return send(response, other(call), clock());
    const fault = faults.strike(operation.name, readSignature(call)?.region);
    const { answer, line } = operation.run(fault);
    log.add(line);
    const left = await strike(fault, answer, request.socket, stopping.signal);
    if (left !== undefined) send(response, left, clock() + skewOf(fault));
  };
  const other = (call: Call): Answer => {
    if (call.url.pathname.startsWith('/v2/')) {
      const { answer, line } = answerRegistry(call, image, state.tokens);
      registryLog.add({ at: new Date(clock()).toISOString(), ...line });
      return answer;
    }
    if (call.url.pathname.startsWith('/_emulator/')) return answerControl(call, emulator);
    return metadata.answer(call) ?? json(404, { message: `Nothing is served at ${call.url.pathname}` });
  };
  const onRequest = (request: IncomingMessage, response: ServerResponse) => {
    handle(request, response).catch(() => response.destroy());
  };

  const plain = await listen(createServer(onRequest), options.port ?? 0, host);
  const tls = await startTls(options.tls, onRequest, host).catch(async (error: unknown) => {
    await plain.close();
    throw error;
  });
  const endpoint = `http://127.0.0.1:${plain.port}`;

  const emulator: AwsEmulator = {
    endpoint,
    registryUrl: endpoint,
    tlsUrl: tls && `https://127.0.0.1:${tls.port}`,
    account,
    registryHost: registryHost(account, region),
    accessKeys: identities.user.keys,
    container: { url: `${endpoint}/container-credentials`, token: metadata.containerToken },
    calls: () => log.counts(),
    log: () => log.lines(),
    resetCalls: () => log.reset(),
    registryRequests: () => registryLog.lines(),
    resetRegistryRequests: () => registryLog.reset(),
    fault: (fault, scope) => faults.order(fault, scope),
    setTokenLifetime: (lifetime) => void (state.tokens.lifetime = lifetime),
    async stop() {
      stopping.abort();
      await Promise.all([plain.close(), tls?.close()]);
    },
  };
  return emulator;
}

async function startTls(
  tls: AwsEmulatorOptions['tls'],
  onRequest: RequestListener,
  host: string,
): Promise<Listening | undefined> {
  return tls && (await listen(createTlsServer(tls, onRequest), tls.port ?? 0, host));
}
