import type { AwsCredentialIdentity } from '@aws-sdk/types';
import { jsonObject, textOf } from '../../settings/json-object.ts';

/** The credentials in an answer of a metadata service; undefined if the answer is anything else. */
export function metadataCredentials(body: string): AwsCredentialIdentity | undefined {
  const fields = jsonObject(body) ?? {};
  const accessKeyId = textOf(fields['AccessKeyId']);
  const secretAccessKey = textOf(fields['SecretAccessKey']);
  const sessionToken = textOf(fields['Token']);
  const accountId = textOf(fields['AccountId']);
  const end = Date.parse(textOf(fields['Expiration']) ?? '');
  if (!accessKeyId || !secretAccessKey || !sessionToken || Number.isNaN(end)) return undefined;
  return {
    accessKeyId,
    secretAccessKey,
    sessionToken,
    expiration: new Date(end),
    accountId,
  };
}
