import { list } from '@ecr-anywhere/settings';
import * as z from 'zod';

// The types that settings of the refresher have.

export { duration, integer, refreshSettings, secretNames } from '@ecr-anywhere/settings';
export { namespaceLabels } from './namespace-labels.ts';

/** What a namespace may be called. */
export const NAMESPACE = /^[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$/;

/** Names of namespaces, each once. They are checked because they become part of the path of a request. */
export function namespaces() {
  return list().transform((names, context) => {
    if (names.every((name) => NAMESPACE.test(name))) return [...new Set(names)];
    context.addIssue('expected names of namespaces, separated by commas');
    return z.NEVER;
  });
}

/** What a ConfigMap may be called. */
const NAME = /^[a-z0-9]([a-z0-9.-]{0,251}[a-z0-9])?$/;

/** The namespace and the name of an object. They are checked because they become part of the path of a request. */
export function objectName() {
  return z
    .string()
    .optional()
    .transform((text, context) => {
      if (text === undefined) return undefined;
      const [namespace = '', name = '', ...more] = text.split('/');
      if (NAMESPACE.test(namespace) && NAME.test(name) && more.length === 0) return { namespace, name };
      context.addIssue('expected NAMESPACE/NAME');
      return z.NEVER;
    });
}

export function output() {
  return z.enum(['text', 'json'], { error: 'expected text or json' }).default('text');
}

export function trueOrFalse() {
  const words = z.enum(['true', 'false'], { error: 'expected true or false' }).default('false');
  return words.transform((word) => word === 'true');
}

export function text() {
  return z.string().optional();
}
