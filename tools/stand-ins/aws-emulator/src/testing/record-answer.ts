import type { ECRClient } from '@aws-sdk/client-ecr';
import type { STSClient } from '@aws-sdk/client-sts';

/** An answer as the emulator sent it. */
export interface RecordedAnswer {
  readonly contentType: string | undefined;
  readonly body: string;
}

/** Sends a call and records the answer before the SDK reads it. The client must not be used again. */
export async function recordAnswer(
  client: ECRClient | STSClient,
  send: () => Promise<unknown>,
): Promise<RecordedAnswer> {
  const { requestHandler } = client.config;
  const handle = requestHandler.handle.bind(requestHandler);
  let recorded: RecordedAnswer | undefined;
  requestHandler.handle = async (...sent) => {
    const { response } = await handle(...sent);
    const chunks: Buffer[] = [];
    for await (const chunk of response.body as AsyncIterable<Buffer>) chunks.push(chunk);
    const bytes = Buffer.concat(chunks);
    recorded = { contentType: response.headers['content-type'], body: bytes.toString() };
    response.body = bytes;
    return { response };
  };
  await send();
  if (recorded === undefined) throw new Error('There was no answer');
  return recorded;
}
