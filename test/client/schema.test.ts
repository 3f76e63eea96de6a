import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { renderSchema, SCHEMA_FILE } from '../../scripts/client-schema.ts';
import { createTestApp } from '../support/test-app.ts';

test('the client’s types are those of the document; if not: npm run client:generate', async () => {
  const { app } = await createTestApp();
  const document = await (await app.request('/openapi.json')).text();
  expect(readFileSync(SCHEMA_FILE, 'utf8')).toBe(await renderSchema(document));
});
