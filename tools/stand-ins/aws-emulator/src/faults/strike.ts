import type { Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { TLSSocket } from 'node:tls';
import type { Fault } from './faults.ts';
import type { Answer } from '../http/http-message.ts';

/**
 * Applies a fault to an answer or to the connection.
 *
 * @returns the answer to send, if any
 * @throws AbortError when the signal aborts
 */
export async function strike(
  fault: Fault | undefined,
  answer: Answer,
  socket: Socket,
  signal: AbortSignal,
): Promise<Answer | undefined> {
  switch (fault?.kind) {
    case 'latency':
      await sleep(fault.milliseconds, undefined, { signal });
      return answer;
    case 'reset':
      // Node cannot reset the connection below TLS.
      if (socket instanceof TLSSocket) socket.destroy();
      else socket.resetAndDestroy();
      return undefined;
    case 'black-hole':
      return undefined;
    case 'malformed':
      return { ...answer, status: 200, body: '<html>Log in</html>' };
    default:
      return answer;
  }
}
