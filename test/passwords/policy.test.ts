import { eq } from 'drizzle-orm';
import { describe, expect, test } from 'vitest';
import { users } from '../../src/db/schema.ts';
import { countDerivations } from '../support/derivations.ts';
import { startRangeServer } from '../support/range-server.ts';
import { bearer, createTestApp, form, json, newUser, type TestApp } from '../support/test-app.ts';

type App = TestApp['app'];

const signUp = (app: App, password: string, email = 'ada@example.com') =>
  app.request('/auth/signup', json('POST', { email, password }));

const change = (app: App, token: string, current: string, fresh: string) =>
  app.request(
    '/auth/password/change',
    json('POST', { current_password: current, new_password: fresh }, bearer(token)),
  );

/** The fields that a 422 names, as `pointer code`. */
async function refusals(answer: Response): Promise<string[]> {
  expect(answer.status).toBe(422);
  const { errors } = (await answer.json()) as { errors: { pointer: string; code: string }[] };
  return errors.map(({ pointer, code }) => `${pointer} ${code}`);
}

describe('POST /auth/signup', () => {
  test.each([
    ...['password', 'PASSWORD', 'PassWord1', 'ｐａｓｓｗｏｒｄ', 'To_Share@123'],
    ...['latchkey', 'Latchkey2026', 'my latchkey'],
  ])('[S4] answers 422 to the common password %s, and hashes nothing', async (password) => {
    const { app } = await createTestApp();
    const calls = countDerivations();
    const answer = await signUp(app, password);
    expect(calls.stop()).toBe(0);
    expect(await refusals(answer)).toEqual(['#/password common_password']);
  });

  test('[S4] takes a common word, or our name, as a part of a longer password', async () => {
    const { app } = await createTestApp();
    expect((await signUp(app, 'a password of mine', 'a@example.com')).status).toBe(201);
    expect((await signUp(app, 'where is the latchkey', 'b@example.com')).status).toBe(201);
  });

  test('[S5] does not repeat what it refuses', async () => {
    const { app, logs } = await createTestApp();
    const answer = await signUp(app, 'Lovelace of Ockham', 'lovelace@example.com');
    const text = await answer.clone().text();
    expect(await refusals(answer)).toEqual(['#/password similar_to_identifier']);
    expect(text + logs.join()).not.toMatch(/lovelace|ockham/i);
  });
});

describe('POST /auth/login', () => {
  test('[S4] takes a common password that is set already, and asks nobody about it', async () => {
    const { url, requests } = await startRangeServer({ password: 9 });
    const { app, deps, db } = await createTestApp({ HIBP: 'on', HIBP_URL: url });
    const { email } = await newUser(app);
    const asked = requests.length;
    const passwordHash = await deps.passwords.hash('password');
    await db.update(users).set({ passwordHash }).where(eq(users.emailNormalized, email));
    for (const [password, status] of [
      ['password', 200],
      ['another', 400],
    ] as const) {
      const answer = await app.request('/auth/login', form({ username: email, password }));
      expect(answer.status).toBe(status);
    }
    expect(asked).toBe(1);
    expect(requests).toHaveLength(asked);
  });
});

describe('HIBP=on', () => {
  const BREACHED = 'battery staple horse';

  test('POST /auth/signup and /auth/password/change answer 422 to a breached password', async () => {
    const { url, requests } = await startRangeServer({ [BREACHED]: 4 });
    const { app, logs } = await createTestApp({ HIBP: 'on', HIBP_URL: url });
    const refused = await signUp(app, BREACHED);
    expect(await refusals(refused)).toEqual(['#/password breached_password']);
    const { token, password } = await newUser(app);
    const answer = await change(app, token, password, BREACHED);
    expect(await refusals(answer)).toEqual(['#/new_password breached_password']);
    expect((await change(app, token, password, 'difference engine')).status).toBe(200);
    expect(requests).toHaveLength(4);
    expect(logs.join()).not.toContain('breach_check_failed');
  });

  test('what is refused for less is not asked about', async () => {
    const { url, requests } = await startRangeServer({});
    const { app } = await createTestApp({ HIBP: 'on', HIBP_URL: url });
    await refusals(await signUp(app, 'password1'));
    await refusals(await signUp(app, 'short'));
    await refusals(await signUp(app, 'lovelace 1815', 'lovelace@example.com'));
    expect(requests).toEqual([]);
  });

  test('POST /auth/signup answers 201 where the API never does', async () => {
    const { url } = await startRangeServer({}, () => {});
    const { app, logs } = await createTestApp({ HIBP: 'on', HIBP_URL: url });
    expect((await signUp(app, BREACHED)).status).toBe(201);
    expect(logs.join()).toContain('"event":"breach_check_failed","reason":"too_slow"');
  });
});

test('HIBP=off asks nobody', async () => {
  const { url, requests } = await startRangeServer({ 'analytical engine': 4 });
  const { app } = await createTestApp({ HIBP: 'off', HIBP_URL: url });
  const { token, password } = await newUser(app);
  expect((await change(app, token, password, 'difference engine')).status).toBe(200);
  expect(requests).toEqual([]);
});
