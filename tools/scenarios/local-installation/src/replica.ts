import { mkdir, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Certificate, CertificateAuthority } from '@ecr-anywhere/certificates';
import { eventually } from '@ecr-anywhere/eventually';
import { startProgram, type Program, type ProgramOptions } from './program.ts';
import type { Endpoint } from './service.ts';
import { programFile } from './workspace.ts';

/** One webhook process. */
export interface Replica extends Endpoint {
  readonly program: Program;
  readonly metricsUrl: string;
  /** Lines of its log, parsed. */
  log(): LogLine[];
  /** Replaces the certificate in the files that the process reads. */
  replaceCertificate(certificate: Certificate): Promise<void>;
}

/** A line of the log, parsed. */
export type LogLine = Readonly<Record<string, unknown>>;

/** Starts the webhook with a new certificate from `authority`, and waits until it listens. */
export async function startReplica(
  authority: CertificateAuthority,
  folder: string,
  env: Readonly<Record<string, string>>,
  { outputFile, command, through = [] }: Pick<ProgramOptions, 'outputFile' | 'command' | 'through'> = {},
): Promise<Replica> {
  const certificates = join(folder, 'certs');
  await mkdir(certificates, { recursive: true });
  const replaceCertificate = (certificate: Certificate) => write(certificates, certificate, authority.cert);
  await replaceCertificate(await authority.issue({ names: ['127.0.0.1', 'localhost'] }));
  const program = startProgram(programFile('webhook'), {
    cwd: folder,
    through,
    ...(command !== undefined && { command }),
    ...(outputFile !== undefined && { outputFile }),
    env: {
      LISTEN_ADDRESS: '127.0.0.1',
      PORT: '0',
      PROBE_PORT: '0',
      CERT_FILE: join(certificates, 'tls.crt'),
      KEY_FILE: join(certificates, 'tls.key'),
      CERT_CHECK_INTERVAL: '200ms',
      SHUTDOWN_DELAY: '500ms',
      ...env,
    },
  });
  const log = () => program.output.flatMap(parse);
  const listening = () => {
    if (!program.running) {
      throw new Error(`The webhook ended at once:\n${[...program.output, ...program.errors].join('\n')}`);
    }
    const line = log().find(
      (entry) => typeof entry['port'] === 'number' && typeof entry['probePort'] === 'number',
    );
    return line && { port: Number(line['port']), probePort: Number(line['probePort']) };
  };
  // A machine may be so loaded that a program needs 10 s to load its modules.
  const ports = await eventually('the webhook says where it listens', listening, { within: 60_000 });
  const probes = `http://127.0.0.1:${ports.probePort}`;
  return {
    program,
    port: ports.port,
    readyUrl: `${probes}/readyz`,
    metricsUrl: `${probes}/metrics`,
    log,
    replaceCertificate,
  };
}

function parse(line: string): LogLine[] {
  try {
    return [JSON.parse(line) as LogLine];
  } catch {
    return [];
  }
}

async function write(folder: string, { cert, key }: Certificate, ca: string): Promise<void> {
  for (const [name, content] of Object.entries({ 'tls.key': key, 'tls.crt': cert, 'ca.crt': ca })) {
    await writeFile(join(folder, `${name}.new`), content, { mode: 0o600 });
    await rename(join(folder, `${name}.new`), join(folder, name));
  }
}
