import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { expect, test } from 'vitest';
import type { Api } from '../support/api.ts';
import { DOCS_PATHS } from '../support/docs-paths.ts';
import { TEST_CLOCK_HEADER } from '../support/movable-clock/header.ts';
import { startRangeServer } from '../support/range-server.ts';
import { ROOT } from '../support/targets.ts';
import { createTestApp } from '../support/test-app.ts';
import { bundle, startBundle } from '../support/worker-bundle.ts';

/** Matches the header of the test clock, and the class that carries the time of a request. */
const TEST_CLOCK = new RegExp(`${TEST_CLOCK_HEADER}|AsyncLocalStorage`, 'i');

test('the bundle for Workers imports no module of Node and does not contain the test clock', () => {
  const text = readFileSync(bundle(), 'utf8');
  expect(text).not.toMatch(/node:[a-z]/);
  expect(text).not.toMatch(TEST_CLOCK);
});

test('the bundle for Workers has less than 275 KB compressed, without the static files', () => {
  const bytes = gzipSync(readFileSync(bundle())).length;
  expect(bytes).toBeLessThan(275_000);
  expect(bytes).toBeGreaterThan(50_000);
});

test('the build for Node does not contain the test clock', () => {
  const folder = join(ROOT, 'dist/runtime');
  const files = readdirSync(folder).filter((name) => name.endsWith('.js'));
  expect(files).toContain('node.js');
  const texts = files.map((name) => readFileSync(join(folder, name), 'utf8'));
  // Finds the seam itself: if no clock is passed, it is Date.now.
  expect(texts.join('\n')).toMatch(/clock = Date\.now/);
  expect(files.filter((_, i) => TEST_CLOCK.test(texts[i] ?? ''))).toEqual([]);
});

test('the bundle runs in workerd, in production by default', async () => {
  const settings = 'SECRET_KEY="Vt7kq0dWm3Zs9Lr2Xy5Bn8Hc4Jf6Gp1A"\nRATE_LIMT_LOGIN="7f3a"\n';
  const { api, server } = await startBundle(settings);
  const health = await api.get('/healthz', { Origin: 'http://localhost:8081' });
  expect([health.status, health.body]).toEqual([200, { status: 'ok' }]);
  expect(health.headers.get('Strict-Transport-Security')).not.toBeNull();
  expect(health.headers.get('Access-Control-Allow-Origin')).toBeNull();
  const hint = '"event":"unknown_setting","hint":"RATE_LIMT_LOGIN: did you mean RATE_LIMIT_LOGIN?"';
  await expect.poll(() => server.output()).toContain(hint);
  expect(server.output()).not.toContain('7f3a');
  // The local D1 database is new and not migrated.
  expect((await api.get('/readyz')).status).toBe(503);
  expect((await api.get('/docs')).status).toBe(200);
  // zod generates the document from the schemas, and the bundle contains only a part of zod.
  const { app } = await createTestApp();
  const document = await (await app.request('/openapi.json')).text();
  expect((await api.get('/openapi.json')).text).toBe(document);
});

test('DOCS=off: a Worker serves no documentation, not even its static files', async () => {
  const settings = 'APP_ENV=development\nSECRET_KEY=x\nDOCS=off\n';
  const { api } = await startBundle(settings);
  expect((await api.get('/healthz')).status).toBe(200);
  for (const path of DOCS_PATHS) expect([path, (await api.get(path)).status]).toEqual([path, 404]);
});

test('a Worker in development on a database that is not migrated responds, but is not ready', async () => {
  const { api } = await startBundle('APP_ENV=development\nSECRET_KEY=x\n');
  expect((await api.get('/healthz')).status).toBe(200);
  const { status, text } = await api.get('/readyz');
  expect([status, text]).toEqual([503, expect.not.stringMatching(/select|users/)]);
});

test('HIBP=on: a Worker calls the range API, and does not wait for a response that never ends', async () => {
  const password = 'battery staple horse';
  const startWith = (url: string) =>
    startBundle(
      `APP_ENV=development\nSECRET_KEY=x\nRATE_LIMIT_SIGNUP=off\nHIBP=on\nHIBP_URL=${url}\n`,
    );
  const signUp = (api: Api) =>
    api.json('POST', '/auth/signup', { email: 'ada@example.com', password });

  const working = await startWith((await startRangeServer({ [password]: 4 })).url);
  expect((await signUp(working.api)).at('errors')).toMatchObject([{ code: 'breached_password' }]);
  await working.server.stop();

  const endless = await startRangeServer({}, (response) => void response.write('0'.repeat(35)));
  const waiting = await startWith(endless.url);
  // The sign-up fails only later, at the database, which is not migrated.
  expect((await signUp(waiting.api)).status).not.toBe(422);
  await expect
    .poll(() => waiting.server.output())
    .toContain('"event":"breach_check_failed","reason":"too_slow"');
});

test('[S10] with invalid settings, a Worker returns 503 and names the settings only in the log', async () => {
  const settings = 'SECRET_KEY="recognisable"\nSEED_DEMO_USER="true"\nDATABASE_URL="file:./x.db"\n';
  const { api, server } = await startBundle(settings);
  const answer = await api.get('/healthz');
  expect([answer.status, answer.at('code')]).toEqual([503, 'misconfigured']);
  expect(answer.headers.get('Content-Type')).toBe('application/problem+json');
  expect(answer.text).not.toMatch(/SECRET_KEY|recognisable/);
  await expect.poll(() => server.output()).toContain('SEED_DEMO_USER: ');
  for (const key of ['SECRET_KEY', 'DATABASE_URL']) expect(server.output()).toContain(`${key}: `);
  expect(server.output()).not.toContain('recognisable');
});
