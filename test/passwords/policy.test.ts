import { eq } from 'drizzle-orm';
import { describe, expect, test } from 'vitest';
import { users } from '../../src/core/db/schema.ts';
import { countDerivations } from '../support/derivations.ts';
import { startRangeServer } from '../support/range-server.ts';
import { parse, refused } from '../support/settings.ts';
import { bearer, createTestApp, form, json, newUser, type TestApp } from '../support/test-app.ts';

type App = TestApp['app'];

const signUp = (app: App, password: string, email = 'ada@example.com') =>
  app.request('/auth/signup', json('POST', { email, password }));

const change = (app: App, token: string, current: string, fresh: string) =>
  app.request(
    '/auth/password/change',
    json('POST', { current_password: current, new_password: fresh }, bearer(token)),
  );

/** Returns the fields in the rejection of a weak password, as `pointer code`. */
async function refusals(answer: Response): Promise<string[]> {
  expect(answer.status).toBe(400);
  const { code, errors } = (await answer.json()) as {
    code: string;
    errors: { pointer: string; code: string }[];
  };
  expect(code).toBe('weak_password');
  return errors.map(({ pointer, code }) => `${pointer} ${code}`);
}

describe('POST /auth/signup', () => {
  test.each([
    ...['password', 'PASSWORD', 'PassWord1', 'ｐａｓｓｗｏｒｄ', 'To_Share@123'],
    ...['latchkey', 'Latchkey2026', 'my latchkey'],
  ])('[S4] returns 400 for the common password %s without hashing it', async (password) => {
    const { app } = await createTestApp();
    const calls = countDerivations();
    const answer = await signUp(app, password);
    expect(calls.stop()).toBe(0);
    expect(await refusals(answer)).toEqual(['#/password common_password']);
  });

  test('[S4] accepts a common word or the service name as a part of a longer password', async () => {
    const { app } = await createTestApp();
    expect((await signUp(app, 'a password of mine', 'a@example.com')).status).toBe(201);
    expect((await signUp(app, 'where is the latchkey', 'b@example.com')).status).toBe(201);
  });

  test('[S5] does not repeat a rejected password', async () => {
    const { app, logs } = await createTestApp();
    const answer = await signUp(app, 'Lovelace of Ockham', 'lovelace@example.com');
    const text = await answer.clone().text();
    expect(await refusals(answer)).toEqual(['#/password similar_to_identifier']);
    expect(text + logs.join()).not.toMatch(/lovelace|ockham/i);
  });
});

describe('MIN_PASSWORD_LENGTH', () => {
  test('[S1] is a whole number from 8 to 64, 8 by default', () => {
    expect(parse({}).minPasswordLength).toBe(8);
    for (const length of [8, 15, 64]) {
      expect(parse({ MIN_PASSWORD_LENGTH: String(length) }).minPasswordLength).toBe(length);
    }
    for (const value of ['0', '7', '65', '8.5', '-8', '1e1', ' 8', '08x', 'off']) {
      expect(refused({ MIN_PASSWORD_LENGTH: value })).toEqual(['MIN_PASSWORD_LENGTH']);
    }
  });

  test.each([
    [undefined, 8],
    ['15', 15],
    ['64', 64],
  ])(
    '[S1] %s: accepts passwords of %i characters, in NFC, and rejects those with one fewer',
    async (setting, min) => {
      const settings: Record<string, string> = setting ? { MIN_PASSWORD_LENGTH: setting } : {};
      const { app } = await createTestApp(settings);
      for (const letter of ['ж', '🔑', 'e\u0301']) {
        const calls = countDerivations();
        const short = await signUp(app, letter.repeat(min - 1), 'short@example.com');
        expect(calls.stop()).toBe(0);
        const { detail } = (await short.clone().json()) as { detail: string };
        expect(detail).toBe(`The password must have at least ${min} characters.`);
        expect(await refusals(short)).toEqual(['#/password too_short']);
        const email = `${letter.codePointAt(0)}@example.com`;
        expect((await signUp(app, letter.repeat(min), email)).status).toBe(201);
      }
    },
  );

  test('[S1] does not lock out users with a shorter password, but applies to their next one', async () => {
    const { app, deps, db } = await createTestApp({ MIN_PASSWORD_LENGTH: '15' });
    const { email, token, password } = await newUser(app);
    expect(await refusals(await change(app, token, password, 'fourteen chars'))).toEqual([
      '#/new_password too_short',
    ]);
    const passwordHash = await deps.passwords.hash('eight ok', null);
    await db.update(users).set({ passwordHash }).where(eq(users.emailNormalized, email));
    const answer = await app.request(
      '/auth/login',
      form({ username: email, password: 'eight ok' }),
    );
    expect(answer.status).toBe(200);
  });
});

describe('POST /auth/login', () => {
  test('[S4] accepts a common password that is already set, without calling the range API', async () => {
    const { url, requests } = await startRangeServer({ password: 9 });
    const { app, deps, db } = await createTestApp({ HIBP: 'on', HIBP_URL: url });
    const { email } = await newUser(app);
    const asked = requests.length;
    const passwordHash = await deps.passwords.hash('password', null);
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

  test('POST /auth/signup and /auth/password/change return 400 for a breached password', async () => {
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

  test('a password that another rule rejects is not sent to the range API', async () => {
    const { url, requests } = await startRangeServer({});
    const { app } = await createTestApp({ HIBP: 'on', HIBP_URL: url });
    await refusals(await signUp(app, 'password1'));
    await refusals(await signUp(app, 'short'));
    await refusals(await signUp(app, 'lovelace 1815', 'lovelace@example.com'));
    expect(requests).toEqual([]);
  });

  test('POST /auth/signup returns 201 if the range API never responds', async () => {
    const { url } = await startRangeServer({}, () => {});
    const { app, logs } = await createTestApp({ HIBP: 'on', HIBP_URL: url });
    expect((await signUp(app, BREACHED)).status).toBe(201);
    expect(logs.join()).toContain('"event":"breach_check_failed","reason":"too_slow"');
  });
});

test('HIBP=off calls no range API', async () => {
  const { url, requests } = await startRangeServer({ 'analytical engine': 4 });
  const { app } = await createTestApp({ HIBP: 'off', HIBP_URL: url });
  const { token, password } = await newUser(app);
  expect((await change(app, token, password, 'difference engine')).status).toBe(200);
  expect(requests).toEqual([]);
});
