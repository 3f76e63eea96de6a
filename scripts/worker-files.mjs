// Writes the files that the Worker needs besides its source. wrangler runs this before each build.
import { fileURLToPath } from 'node:url';
import { copyDocs } from './docs-assets.mjs';
import { writePhoneMetadata } from './phone-metadata.mjs';

/** Writes the static files of `/docs`, which every runtime serves, and the metadata of phone numbers. */
export async function writeWorkerFiles() {
  await copyDocs();
  await writePhoneMetadata();
}

if (process.argv[1] === fileURLToPath(import.meta.url)) await writeWorkerFiles();
