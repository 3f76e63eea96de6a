// Builds what `npm start` runs: the programs for Node into dist/, and Swagger UI's files into public/.
import { build } from 'esbuild';
import { copyDocs } from './docs-assets.mjs';

await copyDocs();
await build({
  entryPoints: [
    ...['node', 'migrate', 'keys', 'backup', 'copy-thread', 'check'].map(
      (name) => `src/runtime/${name}.ts`,
    ),
    'src/runtime/ports/bcrypt-thread.js',
  ],
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
