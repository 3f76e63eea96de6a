import { expect, test } from 'vitest';
import { DOCS_PATHS } from '../support/docs-paths.ts';
import { createTestApp } from '../support/test-app.ts';

test.each(DOCS_PATHS)('DOCS=off: %s is not found, for any method', async (path) => {
  const { app } = await createTestApp({ DOCS: 'off' });
  for (const method of ['GET', 'HEAD', 'OPTIONS', 'POST', 'DELETE']) {
    const answer = await app.request(path, { method });
    expect([method, answer.status, answer.headers.get('Allow')]).toEqual([method, 404, null]);
    expect(answer.headers.get('Location')).toBeNull();
  }
});

test('DOCS=off: the API is served', async () => {
  const { app } = await createTestApp({ DOCS: 'off' });
  expect((await app.request('/healthz')).status).toBe(200);
  expect((await app.request('/profile/me')).status).toBe(401);
});
