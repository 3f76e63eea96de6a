// SIGNUP_MODE and REQUIRE_VERIFIED.
import { describe, expect, test } from 'vitest';
import { users } from '../../src/core/db/schema.ts';
import { codeOf, createMailRoom } from '../support/mail-room.ts';
import { bearer, createTestApp, form, json } from '../support/test-app.ts';

const PASSWORD = 'analytical engine';
const EMAIL = 'ada@example.com';
const PHONE = '+919876543210';

const headersOf = (answer: Response): string[] => [...answer.headers.keys()].sort();

describe('SIGNUP_MODE=hidden', () => {
  const hidden = () => createMailRoom({ SIGNUP_MODE: 'hidden' });

  test.each([
    ['/auth/signup', { email: EMAIL, password: PASSWORD }],
    ['/api/v1/auth/signup', { phone: PHONE, password: PASSWORD }],
    ['/api/v1/auth/signup', { phone: PHONE, email: EMAIL, password: PASSWORD }],
  ])('%s answers alike for a free and a taken address', async (path, body) => {
    const room = await hidden();
    const free = await room.post(path, body);
    const taken = await room.post(path, { ...body, password: 'difference engine' });
    for (const answer of [free, taken])
      expect([answer.status, await answer.json()]).toEqual([202, {}]);
    expect(headersOf(taken)).toEqual(headersOf(free));
    expect(await room.db.select({ id: users.id }).from(users)).toHaveLength(1);
  });

  test('a new account gets its verification, the owner of a taken address a notice, each without the other', async () => {
    const room = await hidden();
    const signUp = () => room.post('/auth/signup', { email: EMAIL, password: PASSWORD });
    await signUp();
    const [verification] = await room.received();
    // Nobody is logged in, so nobody could enter a code.
    expect(verification).toMatchObject({ to: EMAIL, code: undefined });
    room.advance(60);
    await signUp();
    const [notice] = await room.received();
    expect(notice).toMatchObject({ to: EMAIL, code: undefined });
    expect(notice?.text).toMatch(/already|account/);
    const { verify: token } = verification?.tokens ?? {};
    expect(await codeOf(await room.post('/auth/verification/confirm', { token }))).toBe(204);
  });

  test('a weak password is rejected before anything else', async () => {
    const room = await hidden();
    const answer = await room.post('/auth/signup', { email: EMAIL, password: 'password' });
    expect(await codeOf(answer)).toBe('weak_password');
    expect(await room.received()).toEqual([]);
  });

  test('without a sender sign-ups answer 503, for every address', async () => {
    const { app, db } = await createTestApp({
      SIGNUP_MODE: 'hidden',
      APP_ENV: 'production',
      SECRET_KEY: 'bsYq1XgkzNZ8pDdVQb0cQn3jv5T9wJmRrUe7HfLx2Ka4iGoW6yStEhMlPuAzCvFB',
      PASSWORD_ROUNDS: '6',
    });
    const body = { email: EMAIL, password: PASSWORD };
    expect(await codeOf(await app.request('/auth/signup', json('POST', body)))).toBe(
      'messages_off',
    );
    expect(await db.select().from(users)).toEqual([]);
  });
});

test.each([
  ['/auth/signup', { email: EMAIL, password: PASSWORD }],
  ['/api/v1/auth/signup', { phone: PHONE, password: PASSWORD }],
])('SIGNUP_MODE=closed: %s answers 403', async (path, body) => {
  const room = await createMailRoom({ SIGNUP_MODE: 'closed' });
  const answer = await room.post(path, body);
  expect([answer.status, await codeOf(answer)]).toEqual([403, 'signup_closed']);
  expect(await room.db.select().from(users)).toEqual([]);
});

describe('REQUIRE_VERIFIED=login', () => {
  const strict = () => createMailRoom({ REQUIRE_VERIFIED: 'login' });

  test('a correct password gets a message in place of a session, until the address is verified', async () => {
    const room = await strict();
    expect((await room.post('/auth/signup', { email: EMAIL, password: PASSWORD })).status).toBe(
      201,
    );
    const [first] = await room.received();
    expect(first?.to).toBe(EMAIL);
    room.advance(60);
    const logIn = (password: string) =>
      room.send('/auth/login', form({ username: EMAIL, password }));
    const refused = await logIn(PASSWORD);
    expect([refused.status, await codeOf(refused)]).toEqual([403, 'verification_required']);
    const [second] = await room.received();
    const { verify: token } = second?.tokens ?? {};
    expect(await codeOf(await room.post('/auth/verification/confirm', { token }))).toBe(204);
    const answer = await logIn(PASSWORD);
    expect(answer.status).toBe(200);
    const { access_token: access } = (await answer.json()) as { access_token: string };
    const profile = await room.send('/profile/me', { headers: bearer(access) });
    expect(await profile.json()).toMatchObject({ email_verified: true, phone_verified: false });
  });

  test('a wrong password tells nothing of it and sends nothing', async () => {
    const room = await strict();
    await room.post('/auth/signup', { email: EMAIL, password: PASSWORD });
    await room.received();
    room.advance(60);
    expect(await room.logIn(EMAIL, 'wrong password')).toBe(400);
    expect(await room.received()).toEqual([]);
  });

  test('with hidden sign-ups a correct password fails like a wrong one, and gets the message', async () => {
    const room = await createMailRoom({ REQUIRE_VERIFIED: 'login', SIGNUP_MODE: 'hidden' });
    await room.post('/auth/signup', { email: EMAIL, password: PASSWORD });
    await room.received();
    room.advance(60);
    expect(await room.logIn(EMAIL, PASSWORD)).toBe(400);
    const { verify: token } = (await room.received())[0]?.tokens ?? {};
    expect(await codeOf(await room.post('/auth/verification/confirm', { token }))).toBe(204);
    expect(await room.logIn(EMAIL, PASSWORD)).toBe(200);
  });

  test('a sign-up by phone starts no session, and its message verifies the number', async () => {
    const room = await strict();
    const answer = await room.post('/api/v1/auth/signup', { phone: PHONE, password: PASSWORD });
    expect([answer.status, await answer.json()]).toEqual([202, {}]);
    const [message] = await room.received();
    expect(message).toMatchObject({ to: PHONE, code: undefined });
    const { verify: token } = message?.tokens ?? {};
    expect(await codeOf(await room.post('/auth/verification/confirm', { token }))).toBe(204);
    expect(await room.logIn(PHONE, PASSWORD)).toBe(200);
  });

  test('an account with one verified address logs in by the other', async () => {
    const room = await strict();
    await room.post('/api/v1/auth/signup', { phone: PHONE, email: EMAIL, password: PASSWORD });
    const { verify: token } = (await room.received())[0]?.tokens ?? {};
    expect(await codeOf(await room.post('/auth/verification/confirm', { token }))).toBe(204);
    expect(await room.logIn(PHONE, PASSWORD)).toBe(200);
  });
});
