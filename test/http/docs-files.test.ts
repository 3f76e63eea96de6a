import { expect, test } from 'vitest';
import { devDependencies } from '../../package.json' with { type: 'json' };
import { createApp } from '../../src/app.ts';
import { SWAGGER_UI_VERSION } from '../../src/features/docs/page.ts';
import { DOCS_BUNDLE } from '../support/docs-paths.ts';
import { createTestApp } from '../support/test-app.ts';

test('the URLs of Swagger UI’s files contain the installed version', () => {
  expect(SWAGGER_UI_VERSION).toBe(devDependencies['swagger-ui-dist']);
});

test('a file without a compressed copy is served uncompressed', async () => {
  const { deps } = await createTestApp();
  const read = async (path: string) => (path.endsWith('.br') ? undefined : { body: path });
  const answer = await createApp({ ...deps, readAsset: read }).request(DOCS_BUNDLE, {
    headers: { 'Accept-Encoding': 'br' },
  });
  expect([answer.status, await answer.text()]).toEqual([200, 'docs/swagger-ui-bundle.js']);
  expect(answer.headers.get('Content-Encoding')).toBeNull();
});

test('a client that accepts any encoding gets the smallest file', async () => {
  const { deps } = await createTestApp();
  const app = createApp({ ...deps, readAsset: async (path) => ({ body: path }) });
  const encodingFor = async (accepted: string) =>
    (await app.request(DOCS_BUNDLE, { headers: { 'Accept-Encoding': accepted } })).headers.get(
      'Content-Encoding',
    );
  expect(await encodingFor('*')).toBe('br');
  expect(await encodingFor('br;q=0, *')).toBe('gzip');
});

test('a missing file is answered with 404', async () => {
  const { deps } = await createTestApp();
  const app = createApp({ ...deps, readAsset: async () => undefined });
  expect((await app.request(DOCS_BUNDLE)).status).toBe(404);
});
