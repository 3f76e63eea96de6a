import { eq } from 'drizzle-orm';
import { decodeJwt } from 'jose';
import { describe, expect, test } from 'vitest';
import { users } from '../src/core/db/schema.ts';
import { seedDemoUser } from '../src/features/sign-up/demo-user.ts';
import { countDerivations } from './support/derivations.ts';
import { bearer, createTestApp, form, json, newUser } from './support/test-app.ts';

const hashOf = async ({ db }: Awaited<ReturnType<typeof createTestApp>>, email: string) => {
  const [row] = await db
    .select({ hash: users.passwordHash })
    .from(users)
    .where(eq(users.emailNormalized, email));
  return row?.hash ?? '';
};

describe('POST /auth/login', () => {
  test('[S6] replaces a cheaper hash with one of the configured cost', async () => {
    const test = await createTestApp({ PASSWORD_ROUNDS: '2' });
    const { email, password } = await newUser(test.app);
    const cheap = (await hashOf(await withCheapHash(test, email), email)) as string;

    const wrong = await test.app.request(
      '/auth/login',
      form({ username: email, password: 'wrong one' }),
    );
    expect(wrong.status).toBe(400);
    expect(await hashOf(test, email)).toBe(cheap);

    const right = await test.app.request('/auth/login', form({ username: email, password }));
    expect(right.status).toBe(200);
    expect(await hashOf(test, email)).toMatch(/^\$pbkdf2-sha256-chain\$r=2,i=1000\$/);
  });

  test('[S14] costs the same for every kind of failure', async () => {
    const { app, db } = await createTestApp({ PASSWORD_ROUNDS: '2' });
    const { password } = await newUser(app, 'right@example.com');
    await newUser(app, 'none@example.com');
    await newUser(app, 'broken@example.com');
    const setHash = (email: string, passwordHash: string | null) =>
      db.update(users).set({ passwordHash }).where(eq(users.emailNormalized, email));
    await setHash('none@example.com', null);
    await setHash('broken@example.com', '$pbkdf2-sha256-chain$r=1,i=1000000000$x$y');
    for (const [username, typed] of [
      ['right@example.com', 'wrong password'],
      ['unknown@example.com', password],
      ['neither a number nor an address', password],
      ['9876543210', password],
      ['none@example.com', password],
      ['broken@example.com', password],
    ] as const) {
      const calls = countDerivations();
      const answer = await app.request('/auth/login', form({ username, password: typed }));
      expect([username, answer.status, calls.stop()]).toEqual([username, 400, 2]);
    }
  });

  test('a user without a password cannot log in', async () => {
    const test = await createTestApp();
    const { email } = await newUser(test.app);
    await test.db.update(users).set({ passwordHash: null }).where(eq(users.emailNormalized, email));
    const answer = await test.app.request(
      '/auth/login',
      form({ username: email, password: 'null' }),
    );
    expect(answer.status).toBe(400);
  });

  test('[S7] a hostile hash is logged with the user’s id and without the hash', async () => {
    const { app, db, logs } = await createTestApp();
    const { id, email, password } = await newUser(app);
    await db.update(users).set({ passwordHash: '$pbkdf2-sha256-chain$r=1,i=1000000000$x$y' });
    const answer = await app.request('/auth/login', form({ username: email, password }));
    expect(answer.status).toBe(400);
    const line = logs.find((text) => text.includes('password_hash_malformed'));
    expect(JSON.parse(line ?? '{}')).toMatchObject({ level: 'error', user_id: id });
    expect(line).not.toContain('pbkdf2');
  });

  test('a token has exactly the configured lifetime', async () => {
    const { app, advance } = await createTestApp({ ACCESS_TOKEN_EXPIRE_MINUTES: '5' });
    const { token } = await newUser(app);
    const { iat, exp } = decodeJwt(token);
    expect(Number(exp) - Number(iat)).toBe(300);
    advance(299);
    expect((await app.request('/profile/me', { headers: bearer(token) })).status).toBe(200);
    advance(10);
    expect((await app.request('/profile/me', { headers: bearer(token) })).status).toBe(401);
  });
});

describe('a deleted user', () => {
  test('is rejected at the next request', async () => {
    const { app, db } = await createTestApp();
    const { id, token } = await newUser(app);
    await db.delete(users).where(eq(users.id, id));
    for (const [method, path] of [
      ['GET', '/profile/me'],
      ['GET', '/api/v1/user/profile'],
    ]) {
      const answer = await app.request(path ?? '', {
        method: method ?? '',
        headers: bearer(token),
      });
      expect(answer.status).toBe(401);
    }
  });
});

describe('the demo user', () => {
  const seeding = { SEED_DEMO_USER: 'true' };

  test('is created once, even by repeated and concurrent calls', async () => {
    const { deps, db } = await createTestApp(seeding);
    await Promise.all([seedDemoUser(deps), seedDemoUser(deps), seedDemoUser(deps)]);
    await seedDemoUser(deps);
    expect(await db.select({ phone: users.phone }).from(users)).toEqual([{ phone: '7760873976' }]);
  });

  test('is not created if its email address is taken', async () => {
    const { app, deps, logs } = await createTestApp(seeding);
    await newUser(app, 'assignment.user@example.com');
    await seedDemoUser(deps);
    expect(logs.join('\n')).toContain('"event":"demo_user_not_created","reason":"email_taken"');
  });
});

describe('production', () => {
  const production = {
    APP_ENV: 'production',
    SECRET_KEY: 'Vt7kq0dWm3Zs9Lr2Xy5Bn8Hc4Jf6Gp1A',
    PASSWORD_ROUNDS: '6',
  };

  test('rejects the public password of the demo user', async () => {
    const { app } = await createTestApp(production);
    const { token, password } = await newUser(app);
    const fields = { current_password: password, new_password: 'to_share@123' };
    const answer = await app.request('/auth/password/change', json('POST', fields, bearer(token)));
    expect(answer.status).toBe(400);
    expect(await answer.json()).toMatchObject({
      code: 'weak_password',
      errors: [{ pointer: '#/new_password', code: 'common_password' }],
    });
  });

  test('allows no origin and requires HTTPS', async () => {
    const { app } = await createTestApp(production);
    const { headers } = await app.request('/healthz', {
      headers: { Origin: 'http://localhost:8081' },
    });
    expect(headers.get('Access-Control-Allow-Origin')).toBeNull();
    expect(headers.get('Strict-Transport-Security')).toMatch(/^max-age=\d{8}/);
  });

  test('allows exactly the configured origins', async () => {
    const { app } = await createTestApp({
      ...production,
      CORS_ORIGINS: 'https://a.example, https://b.example',
    });
    for (const [origin, allowed] of [
      ['https://b.example', 'https://b.example'],
      ['https://c.example', null],
    ] as const) {
      const { headers } = await app.request('/healthz', { headers: { Origin: origin } });
      expect(headers.get('Access-Control-Allow-Origin')).toBe(allowed);
    }
  });
});

describe('the access log', () => {
  test('is one JSON line per request: route, status, duration and request id', async () => {
    const { app, logs } = await createTestApp();
    await app.request('/profile/me?secret=1', { headers: { 'X-Request-Id': 'abc' } });
    expect(logs).toHaveLength(1);
    expect(JSON.parse(logs[0] ?? '')).toEqual({
      time: expect.any(String),
      level: 'info',
      event: 'request',
      method: 'GET',
      route: '/profile/me',
      status: 401,
      duration_ms: expect.any(Number),
      request_id: expect.stringMatching(/^[0-9a-f-]{36}$/),
      client_request_id: 'abc',
    });
  });

  test('[S49] a method that is not listed is _OTHER, and a path without a route is /*', async () => {
    const { app, logs } = await createTestApp();
    await app.request('/*', { method: 'ADA' });
    await app.request('/healthz', { method: 'BOB' });
    expect(logs.map((line) => JSON.parse(line))).toMatchObject([
      { method: '_OTHER', route: '/*' },
      { method: '_OTHER', route: '/healthz' },
    ]);
    expect(logs.join()).not.toMatch(/ADA|BOB/);
  });

  test('[S49] it contains a client’s own request id only if that is well-formed', async () => {
    const { app, logs } = await createTestApp();
    for (const theirs of ['has space', '<script>', 'x'.repeat(129), '{"a":1}', 'a,b', '%0a']) {
      await app.request('/healthz', { headers: { 'X-Request-Id': theirs } });
    }
    expect(logs).toHaveLength(6);
    expect(logs.filter((line) => line.includes('client_request_id'))).toEqual([]);
  });

  test('[S48] lines of 401, 429 and 503 contain a keyed hash of the whole network', async () => {
    const { app, logs } = await createTestApp({ RATE_LIMIT_DEFAULT: '2/60s' });
    const from = (clientAddress: string, isOverloaded = false) =>
      app.request('/profile/me', {}, { clientAddress, isOverloaded });
    for (let i = 0; i < 3; i++) await from('2001:db8:1:2::1');
    await from('2001:db8:1:2::2');
    await from('2001:db8:1:3::1');
    await from('198.51.100.7', true);
    await app.request('/healthz', {}, { clientAddress: '2001:db8:1:2::1' });
    await app.request('/profile/me');
    const lines = logs.map((line) => JSON.parse(line)).filter(({ event }) => event === 'request');
    expect(lines.map(({ status }) => status)).toEqual([401, 401, 429, 429, 401, 503, 200, 401]);
    const [one, two, three, four, other, third, healthy, unknown] = lines.map(
      (line) => line.network,
    );
    expect(one).toMatch(/^[\w-]{16}$/);
    expect([two, three, four]).toEqual([one, one, one]);
    expect(new Set([one, other, third]).size).toBe(3);
    expect([healthy, unknown]).toEqual([undefined, undefined]);
    expect(logs.join()).not.toMatch(/2001:|:db8|198\.51/);
  });

  test('[S27] it contains no unknown path, token, password or personal data', async () => {
    const { app, logs } = await createTestApp();
    const { email, password, token } = await newUser(app);
    await app.request(`/${email}?token=${token}`, { headers: bearer(token) });
    await app.request('/profile/me', { ...json('PUT', { name: 'Countess' }, bearer(token)) });
    const written = logs.join('\n');
    expect(written).toContain('"route":"/*"');
    for (const secret of [email, password, token, 'Countess', 'pbkdf2']) {
      expect(written).not.toContain(secret);
    }
  });

  test('LOG_LEVEL=error leaves out successful requests', async () => {
    const { app, logs } = await createTestApp({ LOG_LEVEL: 'error' });
    await app.request('/healthz');
    expect(logs).toEqual([]);
  });
});

describe('[S38] the database is gone', () => {
  test('requests and /readyz answer 503 with Retry-After, /healthz answers 200', async () => {
    const { app, logs, closeDatabase } = await createTestApp();
    const { email, password, token } = await newUser(app);
    closeDatabase();
    const requests = [
      app.request('/profile/me', { headers: bearer(token) }),
      app.request('/auth/login', form({ username: email, password })),
      app.request('/auth/signup', json('POST', { email: 'new@example.com', password })),
      app.request('/readyz'),
    ];
    for (const answer of await Promise.all(requests)) {
      expect(answer.status).toBe(503);
      expect(answer.headers.get('Retry-After')).toMatch(/^\d+$/);
      expect(await answer.json()).toMatchObject({ code: 'database_unavailable', status: 503 });
    }
    expect((await app.request('/healthz')).status).toBe(200);
    const written = logs.join('\n');
    expect(written).toContain('"event":"database_unavailable"');
    expect(written).not.toContain(email);
    expect(written).not.toContain('new@example.com');
    expect(written).not.toMatch(/insert into|select "/i);
  });
});

describe('a database with another schema', () => {
  test('is not ready, and requests that use it answer 503 until it is migrated', async () => {
    const { app, db } = await createTestApp();
    const { token } = await newUser(app);
    await db.run('ALTER TABLE users RENAME COLUMN bio TO biography');
    expect((await app.request('/readyz')).status).toBe(503);
    expect((await app.request('/profile/me', { headers: bearer(token) })).status).toBe(503);
    await db.run('ALTER TABLE users RENAME COLUMN biography TO bio');
    expect((await app.request('/profile/me', { headers: bearer(token) })).status).toBe(200);
  });
});

describe('[S30] an internal error', () => {
  test('is answered with a fixed 500 with the request id, and is logged in detail', async () => {
    const { app, deps, logs } = await createTestApp();
    const { token } = await newUser(app);
    deps.sessions.findLive = () => Promise.reject(new RangeError('inner workings'));
    const answer = await app.request('/profile/me', { headers: bearer(token) });
    expect(answer.status).toBe(500);
    const body = await answer.text();
    expect(JSON.parse(body)).toMatchObject({ code: 'internal_error', status: 500 });
    expect(body).not.toContain('inner workings');
    expect(logs.join('\n')).toContain('RangeError: inner workings');
  });
});

async function withCheapHash(test: Awaited<ReturnType<typeof createTestApp>>, email: string) {
  const cheap = await createTestApp();
  await newUser(cheap.app, email);
  const passwordHash = await hashOf(cheap, email);
  await test.db.update(users).set({ passwordHash }).where(eq(users.emailNormalized, email));
  return test;
}
