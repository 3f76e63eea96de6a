// Runs the program from a clone: `npm start`, `npm run db:migrate`, `db:backup`, `db:check`, `import`, `export`, `keys`,
// `messages` and `users`.
// Builds first if the development dependencies are installed. Then runs in this same process, so that a signal reaches
// it.
import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { endWithParent } from './parent.mjs';

const BUILT = new URL('../dist/runtime/latchkey.js', import.meta.url);

if (process.argv[2] === 'serve') endWithParent();
if (canBuild()) await import('./build.mjs');
else if (!existsSync(BUILT)) {
  console.error(
    'Latchkey is not built, and the build needs the development dependencies. Run `npm ci`.',
  );
  process.exit(1);
}
await import(BUILT.href);

function canBuild() {
  try {
    createRequire(import.meta.url).resolve('esbuild');
    return true;
  } catch {
    return false;
  }
}
