// The metadata of libphonenumber-js without the formats for display, for the Worker's bundle: half of its size
// compressed. The API stores and returns phone numbers in E.164 form, which needs no format.
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import metadata from 'libphonenumber-js/metadata.min.json';
import { replaceFile } from './replace-file.mjs';

const TARGET = fileURLToPath(new URL('../dist/worker/', import.meta.url));

/** Index of the formats in the array that describes a numbering plan (libphonenumber-js, metadata version 4). */
const FORMATS = 4;

/** Returns a copy of the metadata in which no country has a format. */
export function withoutFormats({ countries, nonGeographic, ...rest }) {
  if (rest.version !== 4) throw new Error('libphonenumber-js has a new metadata version');
  const strip = (plans) =>
    Object.fromEntries(
      Object.entries(plans).map(([name, plan]) => [
        name,
        plan.map((part, index) => (index === FORMATS ? 0 : part)),
      ]),
    );
  return { ...rest, countries: strip(countries), nonGeographic: strip(nonGeographic) };
}

export async function writePhoneMetadata() {
  await mkdir(TARGET, { recursive: true });
  const text = JSON.stringify(withoutFormats(metadata));
  await replaceFile(join(TARGET, 'phone-metadata.json'), Buffer.from(text));
}
