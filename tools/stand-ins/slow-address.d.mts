/** A server on loopback to which no connection is made until it is woken, and then only by a packet that is sent again. */
export interface SlowServer {
  readonly port: number;
  wake(): void;
  stop(): Promise<void>;
}

/** @param leadsTo - the local port that it passes connections on to */
export function startSlowServer(leadsTo: number): Promise<SlowServer>;

/** Gives every name two addresses while a test runs: 127.0.0.1, and 127.0.0.2. Node tries the second if the first is slow. */
export function withTwoAddresses<Result>(test: () => Promise<Result>): Promise<Result>;
