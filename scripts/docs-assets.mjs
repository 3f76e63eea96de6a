// Copies Swagger UI from its package into public/docs, so that we serve it and nobody else does.
import { copyFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const SOURCE = dirname(createRequire(import.meta.url).resolve('swagger-ui-dist/package.json'));
const TARGET = fileURLToPath(new URL('../public/docs/', import.meta.url));

export async function copyDocs() {
  await copyFile(join(SOURCE, 'swagger-ui-bundle.js'), join(TARGET, 'swagger-ui-bundle.js'));
  await copyFile(join(SOURCE, 'swagger-ui.css'), join(TARGET, 'swagger-ui.css'));
  await copyFile(join(SOURCE, 'favicon-32x32.png'), join(TARGET, 'swagger-ui-favicon.png'));
}

if (process.argv[1] === fileURLToPath(import.meta.url)) await copyDocs();
