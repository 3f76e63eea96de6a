import { describe, expect, test } from 'vitest';
import { createTestApp } from '../support/test-app.ts';

describe('an origin that is not allowed', () => {
  const from = (origin: string, host = 'api.example.com') => ({
    headers: { Origin: origin, Host: host },
  });
  const warnings = (logs: readonly string[]) =>
    logs.map((line) => JSON.parse(line)).filter(({ event }) => event === 'origin_not_allowed');

  test('is logged once, with the setting that would allow it', async () => {
    const { app, logs } = await createTestApp();
    for (const path of ['/healthz', '/profile/me']) {
      await app.request(path, from('https://app.example.com'));
      await app.request(path, from('null'));
      // The host's own page and the page of a development server are not logged.
      await app.request(path, from('https://api.example.com'));
      await app.request(path, from('http://localhost:5173'));
    }
    expect(warnings(logs)).toMatchObject([
      {
        level: 'warn',
        origin: 'https://app.example.com',
        cure: 'if this is your app, add https://app.example.com to CORS_ORIGINS',
      },
      { level: 'warn', origin: 'null' },
    ]);
  });

  test('cannot fill the log or the memory', async () => {
    const { app, logs } = await createTestApp();
    for (let i = 0; i < 60; i++) await app.request('/healthz', from(`https://${i}.example.com`));
    await app.request('/healthz', from(`https://${'a'.repeat(300)}.example.com`));
    expect(warnings(logs)).toHaveLength(50);
  });
});
