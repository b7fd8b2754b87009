import type { STSClient } from '@aws-sdk/client-sts';

/**
 * STS could not fetch the keys of a web identity's issuer, be it because that one was busy or because it is not to be
 * reached. STS says so with the code of a token that is wrong; the words alone tell that it may pass.
 */
export function couldNotFetchKeys(name: string, message: string): boolean {
  return /^InvalidIdentityToken/.test(name) && /retrieve verification key/i.test(message);
}

/** Lets a client try again then, as AWS's SDKs for PHP and Ruby do; with its own pauses, and no more often than other calls. */
export function retryWhereKeysAreNotFetched(client: STSClient): void {
  client.middlewareStack.add(
    (next) => async (args) => {
      try {
        return await next(args);
      } catch (error) {
        const { name = '', message = '' } = error as Partial<Error>;
        // The SDK's mark for what may be tried again.
        if (couldNotFetchKeys(name, message)) Object.assign(error as object, { $retryable: {} });
        throw error;
      }
    },
    { step: 'deserialize', priority: 'high' },
  );
}
