import { execFileSync } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { eventually } from '@ecr-anywhere/eventually';
import { logLines } from '../testing/log-lines.ts';
import { trustedCertificates, type TrustedCertificates } from './trusted-certificates.ts';

describe('the certificates by which replicas trust each other', () => {
  let folder: string;
  let caFile: string;
  let certFile: string;
  let trusted: TrustedCertificates;
  let log: ReturnType<typeof logLines>;

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'trusted-'));
    [caFile, certFile] = [join(folder, 'ca.crt'), join(folder, 'tls.crt')];
    log = logLines();
  });

  afterEach(async () => {
    trusted.stop();
    await rm(folder, { recursive: true });
  });

  const start = () => {
    trusted = trustedCertificates({ caFile, certFile, certCheckInterval: 10 }, log.log);
  };

  it('are those of the CA, and follow its file', async () => {
    await writeFile(caFile, 'ca');
    await writeFile(certFile, 'own');
    start();
    expect(trusted.pem).toBe('ca');
    await writeFile(caFile, 'next');
    await eventually('the new CA is trusted', () => trusted.pem === 'next');
  });

  it.each([
    ['is missing', () => undefined],
    ['is empty', (file: string) => writeFile(file, '')],
  ])("are the replicas' own if the file of the CA %s, which is no problem", async (_, make) => {
    await make(caFile);
    await writeFile(certFile, 'own');
    start();
    expect(trusted.pem).toBe('own');
    expect(log.lines).toEqual([]);
  });

  it('do not exist without a file', () => {
    start();
    expect(trusted.pem).toBeUndefined();
  });

  it("are the replicas' own if the file of the CA cannot be read, which is logged once", async () => {
    execFileSync('mkfifo', [caFile]);
    await writeFile(certFile, 'own');
    start();
    await sleep(100);
    expect(trusted.pem).toBe('own');
    expect(log.lines.map((line) => JSON.parse(line) as object)).toEqual([
      expect.objectContaining({
        problem: `${caFile} is not a regular file`,
        msg: 'a file of CAs is ignored',
      }),
    ]);
  });
});
