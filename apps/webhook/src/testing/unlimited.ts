import { bodyReader, LARGEST_BODY } from '../http/body-reader.ts';
import { Connections } from '../http/connections.ts';
import type { Logger } from '../operations/log.ts';
import type { ReportRefusal } from '../http/refusals.ts';
import { WaitingRoom } from '../grants/waiting-room.ts';

/** Limits that no test reaches, for tests of other things. */
export function unlimited(log: Logger) {
  return {
    connections: new Connections({ most: Infinity, each: 1, onClosed: () => undefined }),
    waiting: new WaitingRoom(Infinity),
    bodies: bodyReader({ largest: LARGEST_BODY, room: () => Infinity }),
    onReview: () => undefined,
    reportRefusal: ((refusal, message) => log.warn(refusal, message)) satisfies ReportRefusal,
  };
}
