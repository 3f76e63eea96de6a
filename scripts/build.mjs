// Builds the programs for Node into dist/ and copies Swagger UI's files into public/, for `npm start`.
import { build } from 'esbuild';
import { copyDocs } from './docs-assets.mjs';

await copyDocs();
await build({
  entryPoints: {
    node: 'src/runtime/node.ts',
    migrate: 'src/runtime/commands/migrate.ts',
    keys: 'src/runtime/commands/keys.ts',
    backup: 'src/runtime/commands/backup.ts',
    'copy-thread': 'src/runtime/commands/copy-thread.ts',
    check: 'src/runtime/commands/check.ts',
    'bcrypt-thread': 'src/runtime/ports/bcrypt-thread.js',
  },
  outdir: 'dist/runtime',
  bundle: true,
  splitting: true,
  platform: 'node',
  target: 'node20',
  format: 'esm',
  // A native module, which loads its binary relative to its own folder.
  external: ['libsql', '@libsql/client'],
  legalComments: 'none',
  logLevel: 'warning',
});
