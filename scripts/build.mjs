// Builds the programs into dist/runtime, and writes the files that the Worker and /docs need besides.
import { writeFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { build, stop } from 'esbuild';
import { licensesOf } from './licenses.mjs';
import { writeWorkerFiles } from './worker-files.mjs';

const ROOT = fileURLToPath(new URL('..', import.meta.url));

await writeWorkerFiles();
const { metafile } = await build({
  absWorkingDir: ROOT,
  metafile: true,
  entryPoints: {
    latchkey: 'src/runtime/latchkey.ts',
    // The entries of `latchkey serve` for each runtime, and those of the other commands.
    node: 'src/runtime/node.ts',
    bun: 'src/runtime/bun.ts',
    deno: 'src/runtime/deno.ts',
    migrate: 'src/runtime/migrate.ts',
    keys: 'src/runtime/keys.ts',
    backup: 'src/runtime/backup.ts',
    check: 'src/runtime/check.ts',
    export: 'src/runtime/export.ts',
    messages: 'src/runtime/messages.ts',
    users: 'src/runtime/users.ts',
    import: 'src/runtime/import.ts',
    'copy-thread': 'src/runtime/commands/copy-thread.ts',
    'hash-thread': 'src/runtime/ports/hash-thread.js',
  },
  outdir: 'dist/runtime',
  bundle: true,
  splitting: true,
  platform: 'node',
  target: 'node20',
  format: 'esm',
  // Not bundled: libsql is a native module that loads its binary relative to its own folder, commander is CommonJS, and
  // nodemailer is loaded only for SMTP. These four are the only dependencies in package.json. pg and mysql2 are optional,
  // for imports, and so is OpenTelemetry, for traces.
  external: [
    'libsql',
    '@libsql/client',
    'commander',
    'nodemailer',
    'pg',
    'mysql2',
    '@opentelemetry/api',
  ],
  legalComments: 'none',
  logLevel: 'warning',
});
// Its process would run as long as this one, which becomes the server under `npm start`.
await stop();
await writeFile(
  new URL('../dist/runtime/LICENSES.txt', import.meta.url),
  await licensesOf(Object.keys(metafile.inputs), ROOT),
);
