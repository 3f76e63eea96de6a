// Writes the files that the Worker needs besides its source. wrangler runs this before each build.
import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { copyDocs } from './docs-assets.mjs';
import { writePhoneMetadata } from './phone-metadata.mjs';
import { replaceFile } from './replace-file.mjs';
import { copySource } from './worker-source.mjs';
import { copyZod } from './worker-zod-copy.mjs';

const DOCUMENT = new URL('../openapi.json', import.meta.url);
const DOCUMENT_ASSET = fileURLToPath(new URL('../public/docs/openapi.json', import.meta.url));

/** Writes the static files of `/docs`, the OpenAPI document, the metadata of phone numbers, and what is used of zod. */
export async function writeWorkerFiles() {
  await copyDocs();
  await replaceFile(DOCUMENT_ASSET, await readFile(DOCUMENT));
  await writePhoneMetadata();
  await copyZod();
  await copySource();
}

if (process.argv[1] === fileURLToPath(import.meta.url)) await writeWorkerFiles();
