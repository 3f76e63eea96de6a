// Generates openapi.json and the client's types from it: `npm run client:generate`.

import { writeFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import openapiTS, { astToString } from 'openapi-typescript';
import { PROBLEMS } from '../src/core/problems.ts';
import { DOCUMENT_FILE, readDocument } from './openapi-document.ts';

export const SCHEMA_FILE = fileURLToPath(new URL('../src/client/schema.ts', import.meta.url));

const HEAD =
  '// Made by `npm run client:generate` from the OpenAPI document. Change the routes, not this.\n';

/** Renders the types of an OpenAPI document and the union of all problem codes. */
export async function renderSchema(document: string): Promise<string> {
  const types = astToString(await openapiTS(document, { immutable: true, silent: true }));
  const codes = Object.keys(PROBLEMS).map((code) => `    | "${code}"`);
  const union = `/** Every \`code\` that a problem of the API can have. */\nexport type ErrorCode =\n${codes.join('\n')};\n`;
  return `${HEAD}${types}${union}`;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const document = await readDocument();
  await writeFile(DOCUMENT_FILE, document);
  await writeFile(SCHEMA_FILE, await renderSchema(document));
}
