import { describe, expect, onTestFinished, test } from 'vitest';
import { Api } from '../support/api.ts';
import { tallyOf } from '../support/attack-tally.ts';
import { emptyFolder, type ServerName, startServer } from '../support/server.ts';
import { startTimedTarget } from '../support/targets.ts';

const servers: ServerName[] = ['node', 'bun', 'deno'];
const statusesOf = async (api: Api, count: number, headers?: Record<string, string>) => {
  const answers = await Promise.all(
    Array.from({ length: count }, () => api.get('/openapi.json', headers)),
  );
  return answers.map(({ status }) => status).sort();
};

describe.each(servers)('RATE_LIMIT_DEFAULT on %s', (name) => {
  test('[S12] counts by address, and header fields of the caller do not create a new address', async () => {
    const settings = { RATE_LIMIT_DEFAULT: '20/1h' };
    const api = new Api((await startServer(name, emptyFolder(), settings)).baseUrl);
    expect((await api.get('/docs')).headers.get('RateLimit')).toMatch(
      /^"default";r=19;t=3[56]\d\d$/,
    );
    expect(await statusesOf(api, 30)).toEqual([...Array(19).fill(200), ...Array(11).fill(429)]);
    for (const header of ['X-Forwarded-For', 'CF-Connecting-IP', 'X-Real-IP', 'Forwarded']) {
      expect(await statusesOf(api, 1, { [header]: '203.0.113.7' })).toEqual([429]);
    }
    const refusal = await api.get('/profile/me');
    expect([refusal.status, refusal.at('code')]).toEqual([429, 'too_many_requests']);
    expect(Number(refusal.headers.get('Retry-After'))).toBeGreaterThan(3500);
    expect((await api.get('/healthz')).status).toBe(200);
    expect((await api.get('/readyz')).status).toBe(429);
  });
});

test('without any setting, the limits are on', async () => {
  const settings = {
    RATE_LIMIT_LOGIN: '',
    RATE_LIMIT_SIGNUP: '',
    RATE_LIMIT_REFRESH: '',
    RATE_LIMIT_DEFAULT: '',
  };
  const api = new Api((await startServer('node', emptyFolder(), settings)).baseUrl);
  const { headers } = await api.logIn('nobody@example.com', 'not the password');
  expect(headers.get('RateLimit-Policy')).toBe('"default";q=600;w=60, "login-address";q=60;w=60');
  for (let i = 0; i < 9; i++) await api.logIn('nobody@example.com', 'not the password');
  const refused = await api.logIn('nobody@example.com', 'not the password');
  expect([refused.status, refused.headers.get('RateLimit-Policy')]).toEqual([
    429,
    '"login-address";q=60;w=60, "login";q=10;w=60',
  ]);
});

/** The test starts wrangler three times, which takes long on a busy machine. */
const WRANGLER_MS = 120_000;

test('[S11] on workerd, the limit of the platform also stops floods', {
  timeout: WRANGLER_MS,
}, async (context) => {
  const target = await startTimedTarget('workerd-d1', { RATE_LIMIT_DEFAULT: '1000000/60s' });
  onTestFinished(() => target.stop());
  const api = new Api(target.baseUrl);
  expect(await statusesOf(api, 1)).toEqual([200]);
  const statuses = await statusesOf(api, 700);
  // The limit is 300 in ten seconds. The requests may fall into two of its windows.
  expect(statuses.filter((status) => status === 429).length).toBeGreaterThanOrEqual(100);
  expect((await api.get('/healthz')).status).toBe(200);
  tallyOf(context).requests = api.observations.length;
});
