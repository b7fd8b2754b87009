import type { Fault, FaultScope } from './faults.ts';
import { json, type Answer, type Call } from './http-message.ts';
import type { AwsEmulator } from './start-aws-emulator.ts';

/**
 * The emulator's own API, for when it runs as a process:
 *
 * - `GET /_emulator/calls`: how often each operation was asked for, and the log
 * - `DELETE /_emulator/calls`: starts counting again
 * - `PUT /_emulator/fault` with `{"fault": {"kind": "throttle"}, "scope": {"times": 3}}`; `{}` calls all off
 * - `PUT /_emulator/token-lifetime` with `{"milliseconds": 60000}`
 * - `GET /_emulator/info`: keys and host names
 */
export function answerControl({ method, url, body }: Call, emulator: AwsEmulator): Answer {
  try {
    switch (`${method} ${url.pathname}`) {
      case 'GET /_emulator/calls':
        return json(200, { calls: emulator.calls(), log: emulator.log() });
      case 'DELETE /_emulator/calls':
        emulator.resetCalls();
        return json(200, {});
      case 'PUT /_emulator/fault': {
        const { fault, scope } = JSON.parse(body.toString()) as { fault?: Fault; scope?: FaultScope };
        emulator.fault(fault, scope);
        return json(200, {});
      }
      case 'PUT /_emulator/token-lifetime': {
        const { milliseconds } = JSON.parse(body.toString()) as { milliseconds?: unknown };
        if (typeof milliseconds !== 'number')
          return json(400, { message: 'milliseconds: expected a number' });
        emulator.setTokenLifetime(milliseconds);
        return json(200, {});
      }
      case 'GET /_emulator/info': {
        const { account, registryHost, accessKeys, container } = emulator;
        return json(200, { account, registryHost, accessKeys, container });
      }
      default:
        return json(404, { message: `No such control: ${method} ${url.pathname}` });
    }
  } catch (error) {
    return json(400, { message: error instanceof Error ? error.message : 'The body is not JSON' });
  }
}
