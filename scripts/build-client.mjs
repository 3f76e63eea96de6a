// Builds the package `latchkey-client` in packages/client: one module without imports, for `import` and for `require`,
// and its type declarations. Unlike the server's build, this needs the development dependencies.
// Usage: node scripts/build-client.mjs [FOLDER]

import { spawnSync } from 'node:child_process';
import { readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

const ROOT = fileURLToPath(new URL('..', import.meta.url));
const OUT = resolve(process.argv[2] ?? join(ROOT, 'packages/client/dist'));
const TSC = join(
  dirname(createRequire(import.meta.url).resolve('typescript/package.json')),
  'bin/tsc',
);

await rm(OUT, { recursive: true, force: true });
for (const [format, name] of [
  ['esm', 'client.js'],
  ['cjs', 'client.cjs'],
]) {
  await build({
    absWorkingDir: ROOT,
    entryPoints: ['src/client/client.ts'],
    outfile: join(OUT, name),
    bundle: true,
    platform: 'neutral',
    // For React Native's engine and for bundlers that cannot parse newer syntax, such as webpack 4.
    target: 'es2019',
    format,
    logLevel: 'warning',
  });
}
const { status } = spawnSync(
  process.execPath,
  [TSC, '-p', 'tsconfig.client.json', '--outDir', OUT],
  {
    cwd: ROOT,
    stdio: 'inherit',
  },
);
if (status !== 0) process.exit(status ?? 1);

// The declarations import each other as `.ts`, but the package contains no `.ts` sources. `require` needs a copy of the
// declarations, because under `nodenext` their file name determines the module format.
for (const name of await readdir(OUT)) {
  if (!name.endsWith('.d.ts')) continue;
  const text = await readFile(join(OUT, name), 'utf8');
  const importing = (extension) => text.replace(/(from '\.\/[\w-]+)\.ts'/g, `$1.${extension}'`);
  await writeFile(join(OUT, name), importing('js'));
  await writeFile(join(OUT, name.replace(/\.ts$/, '.cts')), importing('cjs'));
}
