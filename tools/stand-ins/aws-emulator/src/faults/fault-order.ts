import type { Fault, FaultScope } from './faults.ts';

/** An order of the control API. Without a fault, it cancels all faults. */
export interface FaultOrder {
  readonly fault?: Fault | undefined;
  readonly scope?: FaultScope | undefined;
}

const PLAIN = [
  'throttle',
  'access-denied',
  'server-error',
  'reset',
  'black-hole',
  'malformed',
  'expired-token',
] as const;
const MEASURED = ['latency', 'clock-skew'] as const;

/**
 * Reads a fault order from parsed JSON. A misspelt order is an error.
 *
 * @throws TypeError that names the field and what it expects
 */
export function readFaultOrder(value: unknown): FaultOrder {
  const { fault, scope } = record(value, 'the body');
  return {
    fault: fault === undefined || fault === null ? undefined : readFault(record(fault, 'fault')),
    scope: scope === undefined ? undefined : readScope(record(scope, 'scope')),
  };
}

function readFault({ kind, milliseconds }: Readonly<Record<string, unknown>>): Fault {
  const plain = PLAIN.find((known) => known === kind);
  if (plain !== undefined) return { kind: plain };
  const measured = MEASURED.find((known) => known === kind);
  if (measured === undefined) {
    throw new TypeError(`fault.kind: expected one of ${[...MEASURED, ...PLAIN].join(', ')}`);
  }
  return {
    kind: measured,
    milliseconds: number(milliseconds, 'fault.milliseconds', measured === 'latency' ? 0 : -Infinity),
  };
}

function readScope({ operation, region, times, probability }: Readonly<Record<string, unknown>>): FaultScope {
  if (operation !== undefined && typeof operation !== 'string') {
    throw new TypeError('scope.operation: expected the name of an operation, such as GetAuthorizationToken');
  }
  if (region !== undefined && typeof region !== 'string') {
    throw new TypeError('scope.region: expected the name of a region, such as us-east-1');
  }
  return {
    operation,
    region,
    times: times === undefined ? undefined : number(times, 'scope.times', 1),
    probability: probability === undefined ? undefined : number(probability, 'scope.probability', 0, 1),
  };
}

function record(value: unknown, what: string): Readonly<Record<string, unknown>> {
  if (typeof value !== 'object' || value === null) throw new TypeError(`${what}: expected an object`);
  return { ...value };
}

function number(value: unknown, what: string, least: number, most = Infinity): number {
  if (typeof value !== 'number' || !(value >= least && value <= most)) {
    throw new TypeError(`${what}: expected a number from ${least} to ${most}`);
  }
  return value;
}
