// Builds what `npm start` runs: the programs for Node into dist/, and Swagger UI's files into public/.
import { build } from 'esbuild';
import { copyDocs } from './docs-assets.mjs';

await copyDocs();
await build({
  entryPoints: ['src/runtime/node.ts', 'src/runtime/migrate.ts', 'src/runtime/keys.ts'],
  outdir: 'dist/runtime',
  bundle: true,
  splitting: true,
  platform: 'node',
  target: 'node20',
  format: 'esm',
  // A native module; it must load its binary from where it is installed.
  external: ['libsql', '@libsql/client'],
  legalComments: 'none',
  logLevel: 'warning',
});
