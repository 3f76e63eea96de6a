// Builds everything that the package contains, for `npm pack`. `.npmrc` disables lifecycle scripts, so `npm run
// server:pack` runs this script explicitly.
import { rm } from 'node:fs/promises';

// Otherwise, chunks of earlier builds would be packed too.
await rm(new URL('../dist', import.meta.url), { recursive: true, force: true });
await import('./build.mjs');
