import { createServer, type IncomingMessage, type RequestListener, type Server } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import type { Certificate } from '@ecr-anywhere/certificates';

/** A request that the stand-in received. */
export interface SeenRequest {
  /** STS's or ECR's operation, or method and path for metadata. */
  readonly operation: string;
  /** STS's parameters. */
  readonly parameters: URLSearchParams;
  readonly headers: IncomingMessage['headers'];
}

export interface Answer {
  readonly status?: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body: string;
}

/**
 * STS, ECR and metadata services in one small server. Tests set its answers. It records the requests.
 */
export interface AwsStandIn {
  readonly url: string;
  readonly port: number;
  readonly seen: SeenRequest[];
  /** Sets the next answers of an operation. The last one is repeated. By default, the answer is a success. */
  answer(operation: string, ...answers: Answer[]): void;
  operations(): string[];
  stop(): Promise<void>;
}

export const ACCOUNT = '111122223333';

export async function startAwsStandIn(tls?: Certificate): Promise<AwsStandIn> {
  const seen: SeenRequest[] = [];
  const scripted = new Map<string, Answer[]>();
  const listener: RequestListener = (request, response) => {
    void text(request).then((body) => {
      const asked = { ...operationOf(request, body), headers: request.headers };
      seen.push(asked);
      const answers = scripted.get(asked.operation) ?? [];
      const given = (answers.length > 1 ? answers.shift() : answers[0]) ?? goodAnswer(asked);
      response
        .writeHead(given.status ?? 200, { 'x-amzn-requestid': 'request-1', ...given.headers })
        .end(given.body);
    });
  };
  const server: Server = tls === undefined ? createServer(listener) : createTlsServer(tls, listener);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    url: `${tls === undefined ? 'http' : 'https'}://localhost:${port}`,
    port,
    seen,
    answer: (operation, ...answers) => void scripted.set(operation, answers),
    operations: () => seen.map(({ operation }) => operation),
    stop: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

/** An error answer of STS, in XML. */
export function stsError(code: string, message: string, status = 400): Answer {
  return {
    status,
    headers: { 'content-type': 'text/xml' },
    body: `<ErrorResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><Error><Type>Sender</Type><Code>${code}</Code><Message>${message}</Message></Error><RequestId>request-1</RequestId></ErrorResponse>`,
  };
}

/** An error answer of ECR, in JSON. */
export function ecrError(code: string, message: string, status = 400): Answer {
  return {
    status,
    headers: { 'content-type': 'application/x-amz-json-1.1' },
    body: JSON.stringify({ __type: code, message }),
  };
}

/** GetCallerIdentity's answer for a caller. */
export function callerIs(arn: string): Answer {
  return xml('GetCallerIdentity', `<Arn>${arn}</Arn><UserId>AIDA</UserId><Account>${ACCOUNT}</Account>`);
}

/** Credentials in the format of metadata services and of a credential_process. */
export function metadataCredentials(accessKeyId: string): string {
  return JSON.stringify({
    Version: 1,
    Code: 'Success',
    AccessKeyId: accessKeyId,
    SecretAccessKey: `secret-of-${accessKeyId}`,
    Token: `token-of-${accessKeyId}`,
    SessionToken: `token-of-${accessKeyId}`,
    Expiration: inAnHour(),
  });
}

function inAnHour(): string {
  return new Date(Date.now() + 3_600_000).toISOString();
}

function goodAnswer({ operation, parameters, headers }: SeenRequest): Answer {
  if (operation === 'GetCallerIdentity') return callerIs(`arn:aws:iam::${ACCOUNT}:user/ci`);
  if (operation === 'GetAuthorizationToken') {
    const authorizationToken = Buffer.from('AWS:password').toString('base64');
    const expiresAt = Date.now() / 1_000 + 43_200;
    const region = /Credential=[^/]*\/\d+\/([^/]+)\//.exec(headers.authorization ?? '')?.[1] ?? 'eu-west-1';
    const proxyEndpoint = `https://${ACCOUNT}.dkr.ecr.${region}.amazonaws.com`;
    return {
      body: JSON.stringify({ authorizationData: [{ authorizationToken, expiresAt, proxyEndpoint }] }),
    };
  }
  if (operation.startsWith('AssumeRole')) return xml(operation, assumed(parameters.get('RoleArn') ?? ''));
  return { status: 404, body: '' };
}

/** Credentials whose access key id has the name of their role. */
function assumed(roleArn: string): string {
  const name = roleArn.split('/').pop() ?? '';
  return `<Credentials><AccessKeyId>ASIA-${name}</AccessKeyId><SecretAccessKey>secret</SecretAccessKey><SessionToken>session</SessionToken><Expiration>${inAnHour()}</Expiration></Credentials>`;
}

function xml(operation: string, result: string): Answer {
  return {
    headers: { 'content-type': 'text/xml' },
    body: `<${operation}Response xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><${operation}Result>${result}</${operation}Result><ResponseMetadata><RequestId>request-1</RequestId></ResponseMetadata></${operation}Response>`,
  };
}

function operationOf(request: IncomingMessage, body: string): Omit<SeenRequest, 'headers'> {
  const target = request.headers['x-amz-target'];
  const parameters = new URLSearchParams(body);
  const operation =
    typeof target === 'string'
      ? (target.split('.').pop() ?? '')
      : (parameters.get('Action') ?? `${request.method} ${request.url}`);
  return { operation, parameters };
}

async function text(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(Buffer.from(chunk as Uint8Array));
  return Buffer.concat(chunks).toString('utf8');
}
