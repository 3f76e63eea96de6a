import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { version } from '../../package.json' with { type: 'json' };
import { samplesOf, sampleValue } from '../support/prometheus.ts';
import { bearer, createTestApp, form, json, newUser, type TestApp } from '../support/test-app.ts';

const METRICS_TOKEN = 'scrape-Zm9vYmFyYmF6cXV4-0123456789';
const ORIGIN = 'http://localhost:8081';

const openRoom = (settings: Record<string, string> = {}) =>
  createTestApp({ METRICS_TOKEN, ...settings });

async function scrape({ app }: Pick<TestApp, 'app'>): Promise<string> {
  const response = await app.request('/metrics', { headers: bearer(METRICS_TOKEN) });
  expect(response.status).toBe(200);
  return response.text();
}

describe('GET /metrics', () => {
  test('without METRICS_TOKEN: 404, whatever the token', async () => {
    const { app, deps } = await createTestApp();
    for (const headers of [undefined, bearer(''), bearer('undefined'), bearer(METRICS_TOKEN)]) {
      const response = await app.request('/metrics', headers && { headers });
      expect(response.status).toBe(404);
    }
    expect(deps.gauges).toBe(undefined);
  });

  test('[S85] needs the token: 401 without and with another one, never a number in the answer', async () => {
    const { app } = await openRoom();
    for (const [headers, code] of [
      [{}, 'not_authenticated'],
      [{ Authorization: `Basic ${METRICS_TOKEN}` }, 'not_authenticated'],
      [bearer(''), 'invalid_token'],
      [bearer(METRICS_TOKEN.slice(1)), 'invalid_token'],
      [bearer(`${METRICS_TOKEN}a`), 'invalid_token'],
      [bearer((await newUser(app)).token), 'invalid_token'],
    ] as const) {
      const response = await app.request('/metrics', { headers });
      expect([response.status, response.headers.get('Cache-Control')]).toEqual([401, 'no-store']);
      expect(response.headers.get('WWW-Authenticate')).toMatch(/^Bearer/);
      expect(await response.json()).toMatchObject({ code });
    }
    expect((await app.request(`/metrics?access_token=${METRICS_TOKEN}`)).status).toBe(401);
  });

  test('[S85] answers in the text format, stored by no cache and readable by no page', async () => {
    const { app } = await openRoom({ CORS_ORIGINS: ORIGIN });
    const headers = { ...bearer(METRICS_TOKEN), Origin: ORIGIN };
    const response = await app.request('/metrics', { headers });
    expect(response.headers.get('Content-Type')).toBe('text/plain; version=0.0.4; charset=utf-8');
    expect(response.headers.get('Cache-Control')).toBe('no-store');
    expect(response.headers.get('Access-Control-Allow-Origin')).toBe(null);
    const preflight = await app.request('/metrics', {
      method: 'OPTIONS',
      headers: { Origin: ORIGIN, 'Access-Control-Request-Method': 'GET' },
    });
    expect(preflight.headers.get('Access-Control-Allow-Origin')).toBe(null);
    expect(
      (await app.request('/healthz', { headers })).headers.get('Access-Control-Allow-Origin'),
    ).toBe(ORIGIN);
  });

  test('is not limited by address, and answers under overload', async () => {
    const { app } = await openRoom({ RATE_LIMIT_DEFAULT: '1/60s' });
    const env = { clientAddress: '192.0.2.1', isOverloaded: true };
    for (let i = 0; i < 3; i++) {
      const request = { headers: bearer(METRICS_TOKEN) };
      expect((await app.request('/metrics', request, env)).status).toBe(200);
    }
    expect((await app.request('/readyz', {}, env)).status).toBe(503);
  });

  test('answers without what the database knows while it is closed', async () => {
    const room = await openRoom();
    expect(sampleValue(await scrape(room), 'latchkey_outbox_messages')).toBe(0);
    room.closeDatabase();
    const text = await scrape(room);
    expect(sampleValue(text, 'latchkey_outbox_messages')).toBe(undefined);
    expect(sampleValue(text, 'latchkey_build_info', { version })).toBe(1);
    expect(room.logs.join()).toContain('metrics_incomplete');
    const failed = { db_operation_name: 'SELECT', error_type: 'unavailable' };
    expect(sampleValue(text, 'db_client_operation_duration_seconds_count', failed)).toBe(1);
  });

  test('is not in the OpenAPI document', async () => {
    const { app } = await openRoom();
    const document = await (await app.request('/openapi.json')).text();
    expect(document).toBe(
      await (await (await createTestApp()).app.request('/openapi.json')).text(),
    );
  });
});

describe('[S85] labels of requests', () => {
  test('no request creates a label value: routes are patterns, methods and statuses are listed', async () => {
    const room = await openRoom();
    const { app } = room;
    const valuesOf = (text: string) => {
      const requests = samplesOf(text).filter(({ name }) => name.startsWith('http_server_request'));
      return ['http_route', 'http_request_method', 'http_response_status_class'].map(
        (label) => new Set(requests.map(({ labels }) => labels[label] ?? '')),
      );
    };
    const routes = new Set(app.routes.map(({ path }) => path));
    await fc.assert(
      fc.asyncProperty(
        fc.constantFrom('/', '/auth/sessions/', '/admin/users/', '/account/', '/profile/me/'),
        fc.webPath(),
        fc.oneof(fc.constantFrom('GET', 'POST', 'DELETE'), fc.stringMatching(/^[A-Z]{3,9}$/)),
        async (root, path, method) => {
          if (['CONNECT', 'TRACE', 'TRACK'].includes(method)) return;
          await app.request(root + path.slice(1), { method });
        },
      ),
      { numRuns: 300 },
    );
    const [seenRoutes = new Set(), methods = new Set(), classes = new Set()] = valuesOf(
      await scrape(room),
    );
    expect([...seenRoutes].filter((route) => !routes.has(route))).toEqual([]);
    expect(methods).toContain('_OTHER');
    for (const method of methods) {
      expect(method).toMatch(/^(GET|HEAD|POST|PUT|PATCH|DELETE|OPTIONS|_OTHER)$/);
    }
    for (const each of classes) expect(each).toMatch(/^[1-5]xx$/);
  });

  test('name no person: no address, no id and no token is in the text', async () => {
    const room = await openRoom();
    const { app } = room;
    const { email, token } = await newUser(app);
    await app.request('/profile/me', { headers: bearer(token) });
    await app.request(`/auth/sessions/${email}`, { method: 'DELETE', headers: bearer(token) });
    await app.request(`/${email}`, {}, { clientAddress: '192.0.2.77' });
    const text = await scrape(room);
    expect(text).not.toMatch(/ada|example\.com|192\.0\.2|eyJ/);
    expect(text).not.toContain(METRICS_TOKEN);
    expect(
      sampleValue(text, 'http_server_request_duration_seconds_count', {
        http_route: '/profile/me',
        http_response_status_class: '2xx',
      }),
    ).toBe(1);
  });
});

describe('counters', () => {
  test('count sign-ups, and log-ins by method and outcome', async () => {
    const room = await openRoom();
    const { email } = await newUser(room.app);
    const wrong = form({ username: email, password: 'not the engine' });
    await room.app.request('/auth/login', wrong);
    await room.app.request('/auth/login', form({ username: 'nobody@example.com', password: 'x' }));
    await room.app.request('/auth/code/login', json('POST', { username: email, code: '000000' }));
    const text = await scrape(room);
    const logIns = (method: string, outcome: string) =>
      sampleValue(text, 'latchkey_log_ins_total', { method, outcome });
    expect(sampleValue(text, 'latchkey_sign_ups_total')).toBe(1);
    expect([logIns('password', 'success'), logIns('password', 'failure')]).toEqual([1, 2]);
    expect([logIns('code', 'success'), logIns('code', 'failure')]).toEqual([0, 1]);
  });

  test('count each lock of an account once', async () => {
    const room = await openRoom();
    const { email, token } = await newUser(room.app);
    const wrong = form({ username: email, password: 'not the engine' });
    const env = { clientAddress: '192.0.2.1' };
    const lockouts = async () => sampleValue(await scrape(room), 'latchkey_lockouts_total');
    for (let i = 0; i < 9; i++) await room.app.request('/auth/login', wrong, env);
    expect(await lockouts()).toBe(0);
    for (let i = 0; i < 3; i++) await room.app.request('/auth/login', wrong, env);
    expect(await lockouts()).toBe(1);
    const change = json(
      'POST',
      { current_password: 'not the engine', new_password: 'difference engine' },
      bearer(token),
    );
    for (let i = 0; i < 12; i++) await room.app.request('/auth/password/change', change);
    expect(await lockouts()).toBe(2);
  });

  test('count a replayed refresh token once, and no unknown one', async () => {
    const room = await openRoom();
    const { email, password } = await newUser(room.app);
    const logIn = await room.app.request('/auth/login', form({ username: email, password }));
    const { refresh_token: first } = (await logIn.json()) as { refresh_token: string };
    const refresh = (token: string) =>
      room.app.request('/auth/refresh', json('POST', { refresh_token: token }));
    const { refresh_token: second } = (await (await refresh(first)).json()) as typeof logIn & {
      refresh_token: string;
    };
    await refresh(second);
    const reuse = async () => sampleValue(await scrape(room), 'latchkey_refresh_token_reuse_total');
    await refresh('unknown');
    expect(await reuse()).toBe(0);
    await refresh(first);
    await refresh(first);
    expect(await reuse()).toBe(1);
  });

  test('count what each limit refuses, and responses with 503 by code', async () => {
    const room = await openRoom({ RATE_LIMIT_LOGIN: '1/60s', RATE_LIMIT_DEFAULT: '4/60s' });
    const env = { clientAddress: '192.0.2.1' };
    const logIn = form({ username: 'nobody@example.com', password: 'not the engine' });
    for (let i = 0; i < 2; i++) await room.app.request('/auth/login', logIn, env);
    for (let i = 0; i < 5; i++) await room.app.request('/readyz', {}, env);
    await room.app.request('/readyz', {}, { isOverloaded: true });
    const text = await scrape(room);
    const hits = (limit: string) => sampleValue(text, 'latchkey_limit_hits_total', { limit });
    expect([hits('login'), hits('default'), hits('signup')]).toEqual([1, 3, 0]);
    const code = 'overloaded';
    expect(sampleValue(text, 'latchkey_unavailable_responses_total', { code })).toBe(1);
  });

  test('count refused uploads of pictures under the name of their limit', async () => {
    const { createAvatarRoom } = await import('../support/avatar-room.ts');
    const room = await createAvatarRoom({ METRICS_TOKEN, RATE_LIMIT_AVATAR: '1/1h' });
    await room.put();
    expect((await room.put()).status).toBe(429);
    const refusals = samplesOf(await scrape(room)).filter(
      ({ name, value }) => name === 'latchkey_limit_hits_total' && value > 0,
    );
    expect(refusals.map(({ labels }) => labels.limit)).toEqual(['avatar']);
  });

  test('report the depth and the age of the outbox, and what became of messages', async () => {
    const { createMessageApp } = await import('../support/message-app.ts');
    const room = await createMessageApp({ METRICS_TOKEN });
    await room.add();
    room.advance(90);
    await room.add('bob@example.com');
    const text = await scrape(room);
    expect(sampleValue(text, 'latchkey_outbox_messages')).toBe(2);
    expect(sampleValue(text, 'latchkey_outbox_overdue_seconds')).toBe(90);
    await room.deliver();
    const after = await scrape(room);
    expect(sampleValue(after, 'latchkey_outbox_messages')).toBe(0);
    expect(sampleValue(after, 'latchkey_outbox_overdue_seconds')).toBe(0);
  });

  test('a message that is retried later is not overdue', async () => {
    const { createMessageApp } = await import('../support/message-app.ts');
    const room = await createMessageApp({ METRICS_TOKEN });
    await room.add();
    room.advance(90);
    room.next.result = async () => ({ kind: 'later', reason: 'mailbox_full' });
    await room.deliver();
    const text = await scrape(room);
    expect(sampleValue(text, 'latchkey_outbox_messages')).toBe(1);
    expect(sampleValue(text, 'latchkey_outbox_overdue_seconds')).toBe(0);
  });
});
