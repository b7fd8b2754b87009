import type { AwsEmulator } from '../aws-emulator.ts';
import { readFaultOrder } from './fault-order.ts';
import { json, type Answer, type Call } from '../http/http-message.ts';

/**
 * The emulator's own API, for an emulator that runs as a process:
 *
 * - `GET /_emulator/calls`: the number of calls of each operation, and the log
 * - `DELETE /_emulator/calls`: resets the numbers and the log
 * - `GET /_emulator/registry`: every request to the registry, with the id of its token
 * - `DELETE /_emulator/registry`: resets them
 * - `PUT /_emulator/fault` with `{"fault": {"kind": "throttle"}, "scope": {"times": 3}}`; `{}` cancels all
 * - `PUT /_emulator/token-lifetime` with `{"milliseconds": 60000}`
 * - `GET /_emulator/info`: keys, host names and addresses
 */
export function answerControl({ method, url, body }: Call, emulator: AwsEmulator): Answer {
  try {
    switch (`${method} ${url.pathname}`) {
      case 'GET /_emulator/calls':
        return json(200, { calls: emulator.calls(), log: emulator.log() });
      case 'DELETE /_emulator/calls':
        emulator.resetCalls();
        return json(200, {});
      case 'GET /_emulator/registry':
        return json(200, { requests: emulator.registryRequests() });
      case 'DELETE /_emulator/registry':
        emulator.resetRegistryRequests();
        return json(200, {});
      case 'PUT /_emulator/fault': {
        const { fault, scope } = readFaultOrder(JSON.parse(body.toString()));
        emulator.fault(fault, scope);
        return json(200, {});
      }
      case 'PUT /_emulator/token-lifetime':
        emulator.setTokenLifetime(readLifetime(JSON.parse(body.toString())));
        return json(200, {});
      case 'GET /_emulator/info': {
        const { account, registryHost, endpoint, tlsUrl, accessKeys, container } = emulator;
        return json(200, { account, registryHost, endpoint, tlsUrl, accessKeys, container });
      }
      default:
        return json(404, { message: `No such control: ${method} ${url.pathname}` });
    }
  } catch (error) {
    return json(400, {
      message: error instanceof TypeError ? error.message : 'the body: expected JSON',
    });
  }
}

function readLifetime(value: unknown): number {
  const milliseconds =
    typeof value === 'object' && value !== null && 'milliseconds' in value ? value.milliseconds : undefined;
  if (typeof milliseconds !== 'number') throw new TypeError('milliseconds: expected a number');
  return milliseconds;
}
