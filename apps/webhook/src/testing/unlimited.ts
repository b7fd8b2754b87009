import { bodyReader, LARGEST_BODY } from '../body-reader.ts';
import { Connections } from '../connections.ts';
import type { Logger } from '../log.ts';
import type { TellRefusal } from '../refusals.ts';
import { WaitingRoom } from '../waiting-room.ts';

/** Limits that no test reaches, for tests of other things. */
export function unlimited(log: Logger) {
  return {
    connections: new Connections({ most: Infinity, each: 1, onClosed: () => undefined }),
    waiting: new WaitingRoom(Infinity),
    bodies: bodyReader({ largest: LARGEST_BODY, room: () => Infinity }),
    onReview: () => undefined,
    refused: ((refusal, message) => log.warn(refusal, message)) satisfies TellRefusal,
  };
}
