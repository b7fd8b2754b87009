// `npm run check`: one line for each part. If a part fails, its whole output follows, and the other parts do not run.
import { runQuietly } from './run-quietly.mjs';

const PARTS = [
  ['project references', 'nx', ['sync:check']],
  ['formatting', 'prettier', ['--check', '.']],
  [
    'lint, types, builds and packages',
    'nx',
    ['run-many', '-t', 'lint', 'typecheck', 'build', 'check-package', '--output-style=static'],
  ],
];

for (const [name, command, args] of PARTS) {
  const start = performance.now();
  const code = runQuietly(command, args, { env: { ...process.env, NX_TUI: 'false' } });
  const seconds = Math.round((performance.now() - start) / 1000);
  if (code !== 0) {
    const remedy = name === 'formatting' ? '; "npm run format" mends it' : '';
    console.error(`✗ ${name}: "${command} ${args.join(' ')}" failed${remedy}. Its output is above.`);
    process.exit(code);
  }
  console.log(`✓ ${name} (${seconds} s)`);
}
