import { spawnSync } from 'node:child_process';
import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { shellWords } from './shell-words.ts';

describe('a command line', () => {
  it.each<[string, readonly string[] | undefined]>([
    ['', []],
    ['  \t', []],
    ['helper --role pull', ['helper', '--role', 'pull']],
    [' helper\t a  b ', ['helper', 'a', 'b']],
    [`"/opt/my helper" 'two words' one" "word`, ['/opt/my helper', 'two words', 'one word']],
    [String.raw`a\ b \"c\" \\`, ['a b', '"c"', '\\']],
    [String.raw`"a \"b\" \\ \$c" 'd \e'`, [String.raw`a "b" \ \$c`, String.raw`d \e`]],
    [`helper '' ""`, ['helper', '', '']],
    [`sh -c 'echo "$HOME"; exit # no'`, ['sh', '-c', 'echo "$HOME"; exit # no']],
    ['a;b|c $d `e` ~f *', ['a;b|c', '$d', '`e`', '~f', '*']],
    [`helper 'open`, undefined],
    ['helper "open', undefined],
    ['helper"', undefined],
    ['helper \\', undefined],
  ])('%j is %j', (command, words) => {
    expect(shellWords(command)).toEqual(words);
  });

  const script =
    'import json,shlex,sys\ndef words(s):\n  try: return shlex.split(s)\n  except ValueError: return None\nprint(json.dumps([words(s) for s in json.load(sys.stdin)]))';
  const hasPython = spawnSync('python3', ['--version']).status === 0;
  (hasPython ? it : it.skip)('is split as by Python, and so by the AWS CLI', () => {
    const letter = fc.constantFrom(...`ab "'\\\t$;é`);
    const commands = fc.sample(fc.string({ unit: letter, maxLength: 12 }), { numRuns: 3_000, seed: 1 });
    const { stdout } = spawnSync('python3', ['-c', script], { input: JSON.stringify(commands) });
    const expected = JSON.parse(stdout.toString()) as unknown[];
    expect(commands.map((command) => shellWords(command) ?? null)).toEqual(expected);
  });
});
