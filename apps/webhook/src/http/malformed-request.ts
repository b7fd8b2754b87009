import type { Socket } from 'node:net';
import type { TellRefusal } from './refusals.ts';

/** What Node's own answers would be; everything else is a 400. */
const STATUS: Readonly<Record<string, string>> = {
  ERR_HTTP_REQUEST_TIMEOUT: '408 Request Timeout',
  HPE_CHUNK_EXTENSIONS_OVERFLOW: '413 Payload Too Large',
  HPE_HEADER_OVERFLOW: '431 Request Header Fields Too Large',
};

/** Connections on which that happened. */
const refusedOn = new WeakSet<Socket>();

/** Whether a request that was being read was refused meanwhile, so that nothing is left to say. */
export function isRefused(socket: Socket): boolean {
  return refusedOn.has(socket);
}

/** Whether it was the HTTP parser that gave up, and not the connection that was lost. */
function isMalformed(code: string): boolean {
  return code.startsWith('HPE_') || code === 'ERR_HTTP_REQUEST_TIMEOUT';
}

/** Answers what never becomes a request with its status, and one line of log that holds nothing of it. */
export function refuseMalformed(refused: TellRefusal) {
  return (error: NodeJS.ErrnoException, socket: Socket): void => {
    const { code = '' } = error;
    if (!isMalformed(code)) return void socket.destroy();
    const status = STATUS[code] ?? '400 Bad Request';
    refused({ status: Number.parseInt(status), code }, 'A request could not be made out');
    refuse(socket, status);
  };
}

/** CONNECT, which Node gives to no listener of requests. */
export function refuseConnect(refused: TellRefusal) {
  return (_: unknown, socket: Socket): void => {
    refused({ status: 405, method: 'CONNECT' }, 'Reviews are sent with POST');
    socket.on('error', () => undefined); // then it is closed, too
    refuse(socket, '405 Method Not Allowed\r\nAllow: POST');
  };
}

function refuse(socket: Socket, status: string): void {
  refusedOn.add(socket);
  if (!socket.writable) return void socket.destroy();
  socket.end(`HTTP/1.1 ${status}\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`, () => socket.destroy());
}
