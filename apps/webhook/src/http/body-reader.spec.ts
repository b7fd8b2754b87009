import { once } from 'node:events';
import { createServer, request, type ClientRequest, type IncomingMessage, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { bodyReader, type BodyError, type BodyReader } from './body-reader.ts';
import { eventually } from '@ecr-anywhere/eventually';

const MIB = 1024 * 1024;

describe('bodies', () => {
  let server: Server;
  let reader: BodyReader;
  let outcomes: string[];

  beforeEach(async () => {
    reader = bodyReader({ largest: 2 * MIB, room: () => 3 * MIB });
    outcomes = [];
    server = createServer((incoming, response) => {
      reader.read(incoming).then(
        (body) => {
          outcomes.push(`${body.length} bytes`);
          response.end(body);
        },
        ({ status, message }: BodyError) => {
          outcomes.push(message);
          response.writeHead(status, { connection: 'close' }).end();
        },
      );
    }).listen(0, '127.0.0.1');
    await once(server, 'listening');
  });

  afterEach(() => {
    server.closeAllConnections();
    server.close();
  });

  it('are read to their end, up to the size limit', async () => {
    const body = Buffer.alloc(2 * MIB, 'text');
    const answer = await responseTo(post().end(body));
    const chunks: Buffer[] = [];
    for await (const chunk of answer) chunks.push(chunk as Buffer);
    expect(Buffer.concat(chunks).equals(body)).toBe(true);
  });

  it.each([
    ['at once where a header tells their length', { 'content-length': 2 * MIB + 1 }, 1],
    ['as soon as they are', {}, 2 * MIB + 1],
  ])('that are larger are refused %s', async (_, headers, size) => {
    const sent = post(headers);
    sent.write(Buffer.alloc(size));
    expect((await responseTo(sent)).statusCode).toBe(413);
    expect(outcomes).toEqual(['The body is larger than 2 MiB']);
  });

  it('that never end cannot fill the memory: the largest one is refused, and others are read', async () => {
    const [first, second] = [post(), post()];
    const refused = responseTo(second);
    first.write(Buffer.alloc(1.2 * MIB));
    second.write(Buffer.alloc(1.7 * MIB));
    await eventually('both are held in memory', () => reader.bytes >= 2.9 * MIB - 1);
    expect(outcomes).toEqual([]);
    expect((await responseTo(post().end(Buffer.alloc(0.5 * MIB)))).statusCode).toBe(200);
    expect((await refused).statusCode).toBe(503);
    expect(outcomes.sort()).toEqual(['524288 bytes', 'Too many large bodies are under way; try again']);
  });

  it('no longer count after they were read, refused or lost', async () => {
    for (let count = 0; count < 5; count++) {
      await responseTo(post().end(Buffer.alloc(2 * MIB)));
      await responseTo(post({ 'content-length': 3 * MIB }));
      const lost = post();
      lost.write(Buffer.alloc(1.5 * MIB));
      await eventually('it is held in memory', () => reader.bytes > 0);
      const before = outcomes.length;
      lost.destroy();
      await eventually('it is lost', () => outcomes.length > before);
    }
    expect(outcomes).not.toContain('Too many large bodies are under way; try again');
    expect(outcomes).toContain('The body has no end');
  });

  function post(headers: Record<string, number> = {}): ClientRequest {
    const { port } = server.address() as AddressInfo;
    const sent = request({ port, host: '127.0.0.1', method: 'POST', headers, agent: false });
    sent.on('error', () => undefined).flushHeaders();
    return sent;
  }

  async function responseTo(sent: ClientRequest): Promise<IncomingMessage> {
    const [response] = (await once(sent, 'response')) as [IncomingMessage];
    return response;
  }
});
