import { describe, expect, it } from '@jest/globals';
import { parseYaml } from './parse-yaml.ts';

describe('YAML', () => {
  it.each([
    ['{"a": [1, "b", null]}', { a: [1, 'b', null] }],
    ['a: &x { b: yes }\nc: { <<: *x, d: "yes" }', { a: { b: true }, c: { b: true, d: 'yes' } }],
    ['a: 2026-01-02', { a: '2026-01-02' }],
    ['', null],
    ['# nothing', null],
  ])('is read as the Kubernetes tools read it: %j', (text, value) => {
    expect(parseYaml(text)).toEqual(value);
  });

  it.each([
    ["token: 'canary\nb: c", 'is not valid YAML: deficient indentation in line 2'],
    ['a: *canary', 'is not valid YAML: unidentified alias in line 1'],
    ['a: !canary b', 'is not valid YAML: unknown scalar tag in line 1'],
    ['canary: 1\ncanary: 2', 'is not valid YAML: duplicated mapping key in line 2'],
    ['a: canary\n---\nb: 2', 'has more than one YAML document'],
    [`a: &x canary\nb: [${'*x,'.repeat(101)}]`, 'is not valid YAML: '],
  ])('has an error that contains nothing of the text: %j', (text, message) => {
    let reason = '';
    try {
      parseYaml(text);
    } catch (error) {
      reason = (error as Error).message;
    }
    expect(reason).toMatch(message);
    expect(reason).not.toContain('canary');
  });
});
