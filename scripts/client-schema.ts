// Generates the client's types from the app's OpenAPI document: `npm run client:generate`.

import { writeFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { createClient } from '@libsql/client';
import { drizzle } from 'drizzle-orm/libsql';
import openapiTS, { astToString } from 'openapi-typescript';
import { createApp } from '../src/app.ts';
import { parseConfig } from '../src/config/config.ts';
import { createLogger } from '../src/core/log.ts';
import { createOutbound } from '../src/core/outbound.ts';
import { PROBLEMS } from '../src/core/problems.ts';
import { createDeps } from '../src/deps.ts';

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

/** Reads the document as the app serves it. It depends neither on settings nor on the database. */
async function readDocument(): Promise<string> {
  const client = createClient({ url: ':memory:' });
  const config = parseConfig(
    { SECRET_KEY: 'signs nothing', LOG_LEVEL: 'silent' },
    { environment: 'development', databaseUrl: 'file:unused', hasFiles: true },
  );
  const deps = await createDeps(config, {
    db: drizzle({ client }),
    clock: Date.now,
    log: createLogger('silent', () => {}, Date.now),
    fetch: createOutbound(fetch),
    readAsset: async () => undefined,
  });
  try {
    return await (await createApp(deps).request('/openapi.json')).text();
  } finally {
    client.close();
  }
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  await writeFile(SCHEMA_FILE, await renderSchema(await readDocument()));
}
