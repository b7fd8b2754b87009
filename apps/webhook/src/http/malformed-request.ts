import type { Socket } from 'node:net';
import type { ReportRefusal } from './refusals.ts';

/** As Node itself would answer. Every other code is a 400. */
const STATUS: Readonly<Record<string, string>> = {
  ERR_HTTP_REQUEST_TIMEOUT: '408 Request Timeout',
  HPE_CHUNK_EXTENSIONS_OVERFLOW: '413 Payload Too Large',
  HPE_HEADER_OVERFLOW: '431 Request Header Fields Too Large',
};

/** Connections that were closed with such an answer. */
const refusedOn = new WeakSet<Socket>();

/** Whether a request was already answered while its body was read. */
export function isRefused(socket: Socket): boolean {
  return refusedOn.has(socket);
}

/** Whether the HTTP parser gave up. Otherwise the connection was lost. */
function isMalformed(code: string): boolean {
  return code.startsWith('HPE_') || code === 'ERR_HTTP_REQUEST_TIMEOUT';
}

/** Answers a request that is not valid HTTP with a status, and logs one line without its content. */
export function refuseMalformed(reportRefusal: ReportRefusal) {
  return (error: NodeJS.ErrnoException, socket: Socket): void => {
    const { code = '' } = error;
    if (!isMalformed(code)) return void socket.destroy();
    const status = STATUS[code] ?? '400 Bad Request';
    reportRefusal({ status: Number.parseInt(status), code }, 'The request is not valid HTTP');
    refuse(socket, status);
  };
}

/** Answers CONNECT, which Node does not hand to listeners of requests. */
export function refuseConnect(reportRefusal: ReportRefusal) {
  return (_: unknown, socket: Socket): void => {
    reportRefusal({ status: 405, method: 'CONNECT' }, 'Reviews are sent with POST');
    socket.on('error', () => undefined); // the socket closes after an error
    refuse(socket, '405 Method Not Allowed\r\nAllow: POST');
  };
}

function refuse(socket: Socket, status: string): void {
  refusedOn.add(socket);
  if (!socket.writable) return void socket.destroy();
  socket.end(`HTTP/1.1 ${status}\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`, () => socket.destroy());
}
