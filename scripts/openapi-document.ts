// The OpenAPI document of a server in production with default settings, as in openapi.json.

import { fileURLToPath } from 'node:url';
import { createClient } from '@libsql/client';
import { drizzle } from 'drizzle-orm/libsql';
import { createApp } from '../src/app.ts';
import { parseConfig } from '../src/config/config.ts';
import { createLogger } from '../src/core/log.ts';
import { createOutbound } from '../src/core/outbound.ts';
import { createDeps } from '../src/deps.ts';

export const DOCUMENT_FILE = fileURLToPath(new URL('../openapi.json', import.meta.url));

/** Reads the document that the app serves, and adds line breaks. Queries neither a database nor the network. */
export async function readDocument(): Promise<string> {
  const client = createClient({ url: ':memory:' });
  const config = parseConfig(
    { SECRET_KEY: 'Vt7kq0dWm3Zs9Lr2Xy5Bn8Hc4Jf6Gp1A', LOG_LEVEL: 'silent' },
    { environment: 'production', databaseUrl: 'file:unused', hasFiles: true },
  );
  const deps = await createDeps(config, {
    db: drizzle({ client }),
    clock: Date.now,
    log: createLogger('silent', () => {}, Date.now),
    fetch: createOutbound(fetch),
    readAsset: async () => undefined,
  });
  try {
    const document: unknown = await (await createApp(deps).request('/openapi.json')).json();
    return `${JSON.stringify(document, null, 2)}\n`;
  } finally {
    client.close();
  }
}
