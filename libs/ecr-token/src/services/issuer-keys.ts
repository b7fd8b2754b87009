import type { STSClient } from '@aws-sdk/client-sts';

/**
 * Whether STS could not fetch the keys of a web identity's issuer, because the issuer is busy or cannot be reached. STS
 * uses the code of an invalid token for it. Only the message shows that it may pass.
 */
export function couldNotFetchKeys(name: string, message: string): boolean {
  return /^InvalidIdentityToken/.test(name) && /retrieve verification key/i.test(message);
}

/**
 * Lets a client retry in that case, as the AWS SDKs for PHP and Ruby do, with its usual pauses and number of attempts.
 */
export function retryWhereKeysAreNotFetched(client: STSClient): void {
  client.middlewareStack.add(
    (next) => async (args) => {
      try {
        return await next(args);
      } catch (error) {
        const { name = '', message = '' } = error as Partial<Error>;
        // The SDK retries errors that have this field.
        if (couldNotFetchKeys(name, message)) Object.assign(error as object, { $retryable: {} });
        throw error;
      }
    },
    { step: 'deserialize', priority: 'high' },
  );
}
