import { bodyReader, LARGEST_BODY, type BodyReader } from '../http/body-reader.ts';
import { Connections } from '../http/connections.ts';
import type { Logger } from '../operations/log.ts';
import { FOR_CONNECTIONS, FOR_PROBES, FOR_WAITING, roomForBodies } from './memory.ts';
import type { Metrics } from '../operations/metrics.ts';
import { refusalReporter, type ReportRefusal } from '../http/refusals.ts';
import { tally } from '../operations/tally.ts';
import { WaitingRoom } from '../grants/waiting-room.ts';

/** What keeps callers from filling the memory and the log. */
export interface LoadLimits {
  readonly connections: Connections;
  /** Connections to the port for probes and metrics. */
  readonly probes: Connections;
  readonly waiting: WaitingRoom;
  readonly bodies: BodyReader;
  readonly reportRefusal: ReportRefusal;
}

/** The limits of one webhook, which divide one amount of memory. */
export function loadLimits(log: Logger, metrics: Metrics): LoadLimits {
  const countClosed = tally(log, 'connections were closed by the webhook');
  const onClosed: ConstructorParameters<typeof Connections>[0]['onClosed'] = (because) => {
    metrics.closedConnection(because);
    countClosed(because);
  };
  const connections = new Connections({ ...FOR_CONNECTIONS, onClosed });
  const probes = new Connections({ ...FOR_PROBES, onClosed });
  const waiting = new WaitingRoom(FOR_WAITING);
  const room = () => roomForBodies({ connections: connections.bytes, waiting: waiting.bytes });
  const bodies = bodyReader({
    largest: LARGEST_BODY,
    room({ socket }) {
      connections.weigh(socket);
      return room();
    },
  });
  metrics.watch(() => ({ connections, probes, waiting, bodies: { bytes: bodies.bytes, most: room() } }));
  return { connections, probes, waiting, bodies, reportRefusal: refusalReporter(log, metrics) };
}
