import { describe, expect, test } from 'vitest';
import { createTestApp, form, json, newUser } from '../support/test-app.ts';

const EVIL = 'https://evil.example';

describe('POST /auth/login from a page', () => {
  test.each([
    ['https://api.example.com', 'api.example.com', 200],
    ['https://api.example.com', 'API.example.com', 200],
    ['https://api.example.com', 'api.example.com:443', 200],
    ['http://api.example.com', 'api.example.com:80', 200],
    ['http://api.example.com', 'api.example.com', 200],
    ['http://[::1]:8000', '[::1]:8000', 200],
    ['https://api.example.com:8443', 'api.example.com:8443', 200],
    ['https://api.example.com:8443', 'api.example.com', 403],
    ['https://api.example.com', 'api.example.com:80', 403],
    ['https://app.example.com', 'api.example.com', 403],
    ['https://example.com', 'api.example.com', 403],
    ['https://api.example.com', 'internal:8000', 403],
    ['https://api.example.com', 'no host at all', 403],
    ['null', 'null', 403],
    ['', 'api.example.com', 403],
    ['chrome-extension://api.example.com', 'api.example.com', 403],
  ])('[S53] Origin %s at Host %s answers %i', async (origin, host, status) => {
    const { app } = await createTestApp();
    const { email, password } = await newUser(app);
    const login = form({ username: email, password });
    const headers = { Origin: origin, Host: host };
    expect((await app.request('/auth/login', { ...login, headers })).status).toBe(status);
  });

  test('[S53] X-Forwarded-Host is ignored, CORS_ORIGINS is honored', async () => {
    const { app } = await createTestApp({ CORS_ORIGINS: 'https://app.example.com' });
    const { email, password } = await newUser(app);
    const login = form({ username: email, password });
    const from = async (headers: Record<string, string>) =>
      (await app.request('/auth/login', { ...login, headers })).status;
    const forwarded = { 'X-Forwarded-Host': 'evil.example', Host: 'api.example.com' };
    expect(await from({ Origin: EVIL, ...forwarded })).toBe(403);
    expect(await from({ Origin: 'https://app.example.com', Host: 'internal:8000' })).toBe(200);
  });

  test('[S53] is rejected before the limit of a name, the gate and the body', async () => {
    const { app } = await createTestApp({ RATE_LIMIT_LOGIN: '2/60s' });
    const { email, password } = await newUser(app);
    const foreign = json('POST', { email, password }, { Origin: EVIL });
    for (let i = 0; i < 3; i++) {
      expect((await app.request('/api/v1/auth/login', foreign)).status).toBe(403);
      const large = { method: 'POST', headers: { Origin: EVIL }, body: 'x'.repeat(70_000) };
      expect((await app.request('/auth/login', large)).status).toBe(403);
    }
    // newUser has used one of the two logins.
    const own = () => app.request('/auth/login', form({ username: email, password }));
    expect([(await own()).status, (await own()).status]).toEqual([200, 429]);
  });
});
