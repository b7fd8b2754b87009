import { readFile } from 'node:fs/promises';
import { startEmbeddedCluster } from '../start-embedded-cluster.ts';
import { ApiClient, type ApiAnswer, type ApiCall, type ApiConnection } from './api-client.ts';

/** An API server under test. */
export interface TestCluster {
  readonly call: ApiCall;
  /** Creates a namespace with these labels. @returns the path of its Secrets */
  namespace(labels?: Record<string, string>): Promise<string>;
  stop(): Promise<void>;
}

const REAL = process.env['REAL_API_SERVER'];
let namespaces = 0;

/**
 * The embedded cluster. Or a real API server, so that the same specs run there: if `REAL_API_SERVER` names a file with a
 * JSON object of `url`, `ca`, `cert` and `key`.
 */
export async function startTestCluster(): Promise<TestCluster> {
  const embedded = REAL === undefined ? await startEmbeddedCluster() : undefined;
  const connection = embedded ?? (JSON.parse(await readFile(REAL ?? '', 'utf8')) as ApiConnection);
  const client = new ApiClient(connection);
  return {
    call: client.call,
    async namespace(labels = {}) {
      const name = `spec-${process.pid}-${Date.now().toString(36)}-${++namespaces}`;
      const created = await client.call('POST', '/api/v1/namespaces', { metadata: { name, labels } });
      if (created.status !== 201) throw new Error(created.text);
      return `/api/v1/namespaces/${name}/secrets`;
    },
    async stop() {
      await client.close();
      await embedded?.stop();
    },
  };
}

/** A Secret's manifest. */
export function secret(name: string, fields: object = {}, metadata: object = {}): object {
  return { apiVersion: 'v1', kind: 'Secret', metadata: { name, ...metadata }, ...fields };
}

/** The fields of a failure that programs read. Its message is for people. */
export function failure({ status, body }: ApiAnswer): readonly [status: number, reason: string | undefined] {
  return [status, body.reason];
}
