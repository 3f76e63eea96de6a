// A copy of zod without its conversion to JSON Schema, for the Worker's bundle: every schema refers to the conversion, so
// a bundler cannot remove it. The Worker serves the OpenAPI document that openapi.json has.
import { mkdir, readdir, readFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { replaceFile } from './replace-file.mjs';

const SOURCE = fileURLToPath(new URL('../node_modules/zod/', import.meta.url));
const TARGET = fileURLToPath(new URL('../dist/worker/zod/', import.meta.url));

/** The modules of the conversion. Nothing calls their functions while schemas are created or values parsed. */
const REMOVED = ['v4/core/json-schema-processors.js', 'v4/core/to-json-schema.js'];
const EXPORTED = /^export (?:const|function|class) (\w+)/gm;

export async function copyZod() {
  const files = ['package.json'];
  for (const folder of ['v4/core', 'v4/classic', 'v4/locales']) {
    const names = await readdir(join(SOURCE, folder));
    files.push(...names.filter((name) => name.endsWith('.js')).map((name) => `${folder}/${name}`));
  }
  for (const file of files) {
    const bytes = await readFile(join(SOURCE, file));
    await mkdir(dirname(join(TARGET, file)), { recursive: true });
    await replaceFile(join(TARGET, file), REMOVED.includes(file) ? stubOf(bytes) : bytes);
  }
}

/** A module with the same exports, each a function that throws. */
function stubOf(bytes) {
  const names = [...bytes.toString().matchAll(EXPORTED)].map(([, name]) => name);
  return Buffer.from(
    `const removed = () => {\n  throw new Error('not in this bundle');\n};\nexport {\n${names.map((name) => `  removed as ${name},\n`).join('')}};\n`,
  );
}
