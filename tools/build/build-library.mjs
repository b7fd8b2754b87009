// Builds the library in the current folder for both module systems: dist/esm and dist/cjs, each with types.
import { execFileSync } from 'node:child_process';
import { rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';

rmSync('dist', { recursive: true, force: true });
const tsc = createRequire(import.meta.url).resolve('typescript/bin/tsc');
execFileSync(process.execPath, [tsc, '--build', 'tsconfig.lib.json', 'tsconfig.cjs.json'], {
  stdio: 'inherit',
});
// The package is ESM ("type": "module"); this file tells Node that the second build is not.
writeFileSync('dist/cjs/package.json', '{"type":"commonjs"}\n');
