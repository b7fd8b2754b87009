import { LONGEST_URL } from './named-host.ts';

const BEGINS_WITH_HOST = /^\^(?:oci:\/\/)?((?:[a-z0-9-]|\\\.)+(?::\d+)?)\/(?![?*{])/;

/** The host of all URLs that a regular expression can match, if it begins with it. The expression is never run: it may take forever. */
export function hostOfExpression(expression: string): string | undefined {
  if (expression.length > LONGEST_URL || expression.includes(String.raw`\Q`)) return undefined;
  const [, host] = BEGINS_WITH_HOST.exec(expression) ?? [];
  let rest = expression.replace(/\\./gs, '').replace(/\[[^\]]*\]/g, '');
  for (let before = ''; before !== rest;) {
    before = rest;
    rest = rest.replace(/\([^()]*\)/g, '');
  }
  return /[|()]/.test(rest) ? undefined : host?.replaceAll(String.raw`\.`, '.');
}
