// Builds `latchkey/client` into dist/client: one module without imports, and its type declarations. Unlike the
// server's build, it needs the development dependencies.

import { spawnSync } from 'node:child_process';
import { readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

const ROOT = fileURLToPath(new URL('..', import.meta.url));
const OUT = join(ROOT, 'dist/client');
const TSC = join(
  dirname(createRequire(import.meta.url).resolve('typescript/package.json')),
  'bin/tsc',
);

await rm(OUT, { recursive: true, force: true });
await build({
  absWorkingDir: ROOT,
  entryPoints: ['src/client/client.ts'],
  outdir: OUT,
  bundle: true,
  platform: 'neutral',
  // For React Native's engine and older browsers.
  target: 'es2020',
  format: 'esm',
  logLevel: 'warning',
});
const { status } = spawnSync(process.execPath, [TSC, '-p', 'tsconfig.client.json'], {
  cwd: ROOT,
  stdio: 'inherit',
});
if (status !== 0) process.exit(status ?? 1);

// The declarations import each other as `.ts`, but the package contains no `.ts` sources.
for (const name of await readdir(OUT)) {
  if (!name.endsWith('.d.ts')) continue;
  const text = await readFile(join(OUT, name), 'utf8');
  await writeFile(join(OUT, name), text.replace(/(from '\.\/[\w-]+)\.ts'/g, "$1.js'"));
}
