/** A server on loopback that accepts no connection until it is woken. Then the next retransmission succeeds. */
export interface SlowServer {
  readonly port: number;
  wake(): void;
  stop(): Promise<void>;
}

/** @param leadsTo - the local port that it forwards connections to */
export function startSlowServer(leadsTo: number): Promise<SlowServer>;

/** Gives every name two addresses during a test: 127.0.0.1 and 127.0.0.2. Node tries the second if the first is slow. */
export function withTwoAddresses<Result>(test: () => Promise<Result>): Promise<Result>;
