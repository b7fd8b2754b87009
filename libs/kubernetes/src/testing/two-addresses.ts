import dns from 'node:dns';

/**
 * Gives every name two addresses, 127.0.0.1 and 127.0.0.2, for as long as a test takes: loopback has no such name. Node goes
 * on to the second one where the first is slow.
 */
export async function withTwoAddresses<Result>(test: () => Promise<Result>): Promise<Result> {
  const { lookup } = dns;
  const found = ['127.0.0.1', '127.0.0.2'].map((address) => ({ address, family: 4 }));
  dns.lookup = ((...parameters: unknown[]) => {
    (parameters.at(-1) as (error: null, addresses: object[]) => void)(null, found);
  }) as typeof lookup;
  try {
    return await test();
  } finally {
    dns.lookup = lookup;
  }
}
