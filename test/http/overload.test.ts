import { describe, expect, test } from 'vitest';
import { bearer, createTestApp, form, json, newUser, type TestApp } from '../support/test-app.ts';

const REFUSED = { status: 503, code: 'overloaded' };
const marked = { isOverloaded: true };
const credentials = { username: 'ada@example.com', password: 'analytical engine' };

/** A body that never ends, and that records whether it was read. */
function endlessBody() {
  let wasRead = false;
  const stream = new ReadableStream(
    {
      pull() {
        wasRead = true;
        return new Promise(() => {});
      },
    },
    { highWaterMark: 0 },
  );
  return { stream, wasRead: () => wasRead };
}

const post = (body: ReadableStream): RequestInit & { duplex: 'half' } => ({
  method: 'POST',
  headers: { 'Content-Type': 'application/x-www-form-urlencoded' },
  body,
  duplex: 'half',
});

describe('a request that the runtime marks as overload', () => {
  test('POST /auth/login answers 503 as a problem with Retry-After, and reads nothing', async () => {
    const { app, logs } = await createTestApp();
    const body = endlessBody();
    const answer = await app.request('/auth/login', post(body.stream), marked);
    expect(answer.status).toBe(503);
    expect(answer.headers.get('Content-Type')).toBe('application/problem+json');
    expect(answer.headers.get('Retry-After')).toMatch(/^[1-9]\d*$/);
    expect(await answer.json()).toMatchObject(REFUSED);
    expect(body.wasRead()).toBe(false);
    expect(logs.map((line) => JSON.parse(line).event)).toEqual(['request']);
  });

  test('a web client can read the response, and its preflight is answered', async () => {
    const { app } = await createTestApp();
    const headers = { Origin: 'http://localhost:8081', 'X-Request-Id': 'of-the-client' };
    const answer = await app.request('/profile/me', { headers }, marked);
    expect(answer.headers.get('Access-Control-Allow-Origin')).toBe('http://localhost:8081');
    expect(answer.headers.get('Access-Control-Expose-Headers')).toContain('Retry-After');
    expect(answer.headers.get('X-Request-Id')).toMatch(/^[0-9a-f-]{36}$/);
    const preflight = await app.request(
      '/profile/me',
      { method: 'OPTIONS', headers: { ...headers, 'Access-Control-Request-Method': 'GET' } },
      marked,
    );
    expect(preflight.status).toBe(204);
  });

  test('every operation answers 503, except /healthz, which answers 200', async () => {
    const { app } = await createTestApp();
    const { paths } = await (await app.request('/openapi.json')).json();
    for (const [path, operations] of Object.entries<Record<string, { responses: object }>>(paths)) {
      for (const [method, { responses }] of Object.entries(operations)) {
        const { status } = await app.request(path, { method: method.toUpperCase() }, marked);
        const isExempt = path === '/healthz';
        expect([path, method, status]).toEqual([path, method, isExempt ? 200 : 503]);
        expect([path, method, '503' in responses]).toEqual([path, method, !isExempt]);
      }
    }
  });
});

describe('while password work uses all permits and fills the queue', () => {
  /** Fills a gate with one permit, and its queue. Returns a function that empties them. */
  async function fill({ deps }: TestApp): Promise<() => Promise<void>> {
    let end = () => {};
    const ended = new Promise<void>((resolve) => {
      end = resolve;
    });
    const works: Promise<void>[] = [];
    while (!deps.passwordGate.isFull(null)) {
      works.push(deps.passwordGate.run(null, () => ended));
    }
    return async () => {
      end();
      await Promise.all(works);
    };
  }

  test('password operations answer 503 and read no body; others are served', async () => {
    const testApp = await createTestApp({}, { passwordPermits: 1 });
    const { app } = testApp;
    const { token } = await newUser(app);
    const release = await fill(testApp);
    for (const path of [
      '/auth/signup',
      '/auth/login',
      '/auth/password/change',
      '/auth/reauthenticate',
      '/api/v1/auth/signup',
      '/api/v1/auth/login',
    ]) {
      const body = endlessBody();
      const answer = await app.request(path, post(body.stream));
      expect([path, answer.status, answer.headers.has('Retry-After')]).toEqual([path, 503, true]);
      expect(await answer.json()).toMatchObject(REFUSED);
      expect(body.wasRead()).toBe(false);
      expect((await app.request(path)).status).toBe(405);
    }
    const put = json('PUT', { bio: 'First.' }, bearer(token));
    expect((await app.request('/profile/me', { headers: bearer(token) })).status).toBe(200);
    expect((await app.request('/profile/me', put)).status).toBe(200);
    await release();
    expect((await app.request('/auth/login', form(credentials))).status).toBe(200);
  });

  test('a queue that fills up while a body arrives answers 503 too', async () => {
    const testApp = await createTestApp({}, { passwordPermits: 1 });
    const { app } = testApp;
    let send = (_: string) => {};
    const body = new ReadableStream({
      start(controller) {
        send = (text) => {
          controller.enqueue(new TextEncoder().encode(text));
          controller.close();
        };
      },
    });
    const underWay = app.request('/auth/login', post(body));
    const release = await fill(testApp);
    send(new URLSearchParams(credentials).toString());
    const answer = await underWay;
    expect([answer.status, await answer.json()]).toMatchObject([503, REFUSED]);
    await release();
  });
});

test('POST /auth/login answers 408 and cancels a body that does not end in time', async () => {
  const { app } = await createTestApp({}, { bodyLimits: { limitMs: 20 } });
  let isCancelled = false;
  const body = new ReadableStream({
    start: (controller) => controller.enqueue(new TextEncoder().encode('username=')),
    cancel: () => {
      isCancelled = true;
    },
  });
  const answer = await app.request('/auth/login', post(body));
  expect([answer.status, await answer.json()]).toMatchObject([408, { code: 'request_timeout' }]);
  expect(isCancelled).toBe(true);
});
