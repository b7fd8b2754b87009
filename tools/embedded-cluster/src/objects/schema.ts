import { canonicalBase64, illegalBase64 } from '../go/base64.ts';
import { goKind } from '../go/json.ts';

/** What reading one document brings to light beside its values. */
export interface Findings {
  /** The first value of a wrong type, in the words of Go. */
  problem?: string;
  /** Fields that nobody knows, which the API server drops with a warning. */
  readonly unknown: string[];
}

/** Where a value stands: the Go type around it and the whole path. */
interface Place {
  readonly struct: string;
  readonly path: string;
}

/** How the API server's Go types read a value; undefined where nothing is left of it. */
export interface Shape {
  read(value: unknown, place: Place, findings: Findings): unknown;
}

export const ROOT: Place = { struct: '', path: '' };

export function text(goType = 'string'): Shape {
  return simple('string', goType, (value) => (value === '' ? undefined : value));
}

export function flag(): Shape {
  return simple('bool', 'bool', (value) => value);
}

export function integer(): Shape {
  return simple('number', 'int64', (value) => (value === 0 ? undefined : value));
}

export function time(): Shape {
  return {
    read(value, place, findings) {
      if (value === null) return undefined;
      if (typeof value !== 'string') return mismatch(value, 'v1.Time', place, findings);
      if (!/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)$/.test(value)) {
        findings.problem ??= `parsing time ${JSON.stringify(value)} as "2006-01-02T15:04:05Z07:00": cannot parse ${JSON.stringify(value)} as "2006"`;
        return undefined;
      }
      return new Date(value).toISOString().replace(/\.\d+Z$/, 'Z');
    },
  };
}

/** A map of strings, in the order of its keys. */
export function map(value: Shape, goType: string): Shape {
  return {
    read(given, place, findings) {
      if (given === null) return undefined;
      if (goKind(given) !== 'object') return mismatch(given, goType, place, findings);
      const entries = Object.entries(given as object).map(([key, one]): [string, unknown] => [
        key,
        value.read(one, place, findings) ?? '',
      ]);
      return entries.length === 0 ? undefined : Object.fromEntries(entries.sort(byKey));
    },
  };
}

/** Base64; kept as the API server would write the same bytes. */
export function bytes(): Shape {
  return {
    read(value, place, findings) {
      if (value === null) return undefined;
      if (typeof value !== 'string') return mismatch(value, '[]uint8', place, findings);
      const at = illegalBase64(value);
      if (at === undefined) return canonicalBase64(value);
      findings.problem ??= `illegal base64 data at input byte ${at}`;
      return undefined;
    },
  };
}

export function list(item: Shape, goType: string): Shape {
  return {
    read(value, place, findings) {
      if (value === null) return undefined;
      if (!Array.isArray(value)) return mismatch(value, goType, place, findings);
      return value.length === 0 ? undefined : value.map((one) => item.read(one, place, findings) ?? '');
    },
  };
}

/** Whatever it is. */
export function anything(): Shape {
  return { read: (value) => value ?? undefined };
}

/** Read, and left out. */
export function dropped(): Shape {
  return { read: () => undefined };
}

/** A Go struct. Fields come out in the order in which they are named here, as from the API server. */
export function struct(goType: string, fields: Readonly<Record<string, Shape>>): Shape {
  return {
    read(value, place, findings) {
      if (value === null) return undefined;
      if (goKind(value) !== 'object') return mismatch(value, goType, place, findings);
      const read = new Map<string, unknown>();
      for (const [name, one] of Object.entries(value as object)) {
        const path = place.path === '' ? name : `${place.path}.${name}`;
        const shape = Object.hasOwn(fields, name) ? fields[name] : undefined;
        if (shape === undefined) findings.unknown.push(path);
        else read.set(name, shape.read(one, { struct: goType.replace(/^v1\./, ''), path }, findings));
      }
      return Object.fromEntries(
        Object.keys(fields).flatMap((name) => {
          const one = read.get(name);
          return one === undefined ? [] : [[name, one]];
        }),
      );
    },
  };
}

function simple(kind: string, goType: string, keep: (value: unknown) => unknown): Shape {
  return {
    read(value, place, findings) {
      if (value === null) return undefined;
      return goKind(value) === kind ? keep(value) : mismatch(value, goType, place, findings);
    },
  };
}

function mismatch(value: unknown, goType: string, { struct, path }: Place, findings: Findings): undefined {
  const target = struct === '' ? 'value' : `struct field ${struct}.${path}`;
  findings.problem ??= `json: cannot unmarshal ${goKind(value)} into Go ${target} of type ${goType}`;
  return undefined;
}

function byKey([a]: [string, unknown], [b]: [string, unknown]): number {
  return a < b ? -1 : 1;
}
