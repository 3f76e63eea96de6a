// Copies Swagger UI from its package into public/docs, so that the server needs no CDN.
import { readFile, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const SOURCE = dirname(createRequire(import.meta.url).resolve('swagger-ui-dist/package.json'));
const TARGET = fileURLToPath(new URL('../public/docs/', import.meta.url));

const FILES = {
  'swagger-ui-bundle.js': 'swagger-ui-bundle.js',
  'swagger-ui.css': 'swagger-ui.css',
  'favicon-32x32.png': 'swagger-ui-favicon.png',
};

export async function copyDocs() {
  for (const [from, to] of Object.entries(FILES)) {
    const bytes = await readFile(join(SOURCE, from));
    const old = await readFile(join(TARGET, to)).catch(() => undefined);
    // A running server may be reading the file, so write it only if it differs.
    if (!old?.equals(bytes)) await writeFile(join(TARGET, to), bytes);
  }
}

if (process.argv[1] === fileURLToPath(import.meta.url)) await copyDocs();
