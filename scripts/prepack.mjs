// Builds all that the package contains, for `npm pack`. `.npmrc` turns off npm's own call of this script, so
// `npm run server:pack` calls it.
import { rm } from 'node:fs/promises';

// Chunks of earlier builds would be packed too.
await rm(new URL('../dist', import.meta.url), { recursive: true, force: true });
await import('./build.mjs');
