import { eq } from 'drizzle-orm';
import { describe, expect, test } from 'vitest';
import { notices } from '../../src/core/db/account-schema.ts';
import { outbox, sessions, users } from '../../src/core/db/schema.ts';
import { createMailRoom, type MailRoom } from '../support/mail-room.ts';
import { production } from '../support/settings.ts';
import { bearer, createTestApp, form, json, newUser } from '../support/test-app.ts';
import {
  changePassword,
  DAY_SECONDS,
  ELSEWHERE,
  fail,
  kinds,
  NEW,
  newcomer,
  password,
} from './newcomer.ts';

describe('a notice of a password change', () => {
  test('goes to the owner, in the language of the account and not of the request, without a link', async () => {
    const room = await createMailRoom();
    const { token, email } = await newcomer(room, 'ada@example.com', 'hi');
    expect((await changePassword(room, token, password, NEW, 'en')).status).toBe(200);
    const { kind, to, locale, tokens, code } = await room.message();
    expect([kind, to, locale]).toEqual(['password_changed', email, 'hi']);
    expect([tokens, code]).toEqual([{}, undefined]);
  });

  test('is not sent if the change fails, and the day is not used up', async () => {
    const room = await createMailRoom();
    const { token } = await newcomer(room);
    expect((await changePassword(room, token, 'wrong')).status).toBe(400);
    expect((await changePassword(room, token, password, 'short')).status).toBe(400);
    expect(await kinds(room)).toEqual([]);
    expect(await room.db.select().from(notices)).toEqual([]);
    await changePassword(room, token);
    expect(await kinds(room)).toEqual(['password_changed']);
  });

  test('is sent once a day', async () => {
    const room = await createMailRoom();
    const { token, email } = await newcomer(room);
    await changePassword(room, token);
    const second = await room.tokenOf(email, NEW);
    await changePassword(room, second, NEW, password);
    expect(await kinds(room)).toEqual(['password_changed']);
    room.advance(DAY_SECONDS - 1);
    await changePassword(room, await room.tokenOf(email, password));
    expect(await kinds(room)).toEqual([]);
    room.advance(1);
    await changePassword(room, await room.tokenOf(email, NEW), NEW, password);
    expect(await kinds(room)).toEqual(['password_changed']);
  });

  test('goes to a verified phone number rather than an email address that is not verified', async () => {
    const room = await createMailRoom();
    const { token } = await room.newPhoneUser('+919876543210', 'ada@example.com');
    await room.verify(token, 'phone');
    await changePassword(room, token);
    expect(await room.message()).toMatchObject({ kind: 'password_changed', to: '+919876543210' });
  });
});

describe('a notice of a reused refresh token', () => {
  /** Refreshes with an old token. */
  async function reuse(room: MailRoom, email: string): Promise<void> {
    const login = await room.send('/auth/login', form({ username: email, password }));
    const { refresh_token } = (await login.json()) as { refresh_token: string };
    await room.post('/auth/refresh', { refresh_token });
    room.advance(60);
    await Promise.all([1, 2, 3].map(() => room.post('/auth/refresh', { refresh_token })));
  }

  test('is sent once a day', async () => {
    const room = await createMailRoom();
    const { email } = await newcomer(room, 'ada@example.com', 'hi');
    await reuse(room, email);
    await room.deliver();
    expect(await room.message()).toMatchObject({ kind: 'refresh_reuse', to: email, locale: 'hi' });
    await reuse(room, email);
    expect(await kinds(room)).toEqual([]);
    room.advance(DAY_SECONDS);
    await reuse(room, email);
    expect(await kinds(room)).toEqual(['refresh_reuse']);
  });

  test('is not sent for a token that is accepted, forged or of an ended session', async () => {
    const room = await createMailRoom();
    const { email } = await newcomer(room);
    const login = await room.send('/auth/login', form({ username: email, password }));
    const { refresh_token } = (await login.json()) as { refresh_token: string };
    await room.post('/auth/refresh', { refresh_token });
    await room.post('/auth/refresh', { refresh_token: `${refresh_token.slice(0, -4)}AAAA` });
    await room.db.delete(sessions);
    room.advance(60);
    await room.post('/auth/refresh', { refresh_token });
    expect(await kinds(room)).toEqual([]);
  });
});

describe('notices', () => {
  test('to an address that the account has not verified are not sent: three sign-ups with the address of a victim', async () => {
    const room = await createMailRoom();
    const victim = 'victim@example.com';
    for (let i = 0; i < 3; i++) {
      await room.post('/auth/signup', { email: victim, password });
      const token = await room.tokenOf(victim, password, ELSEWHERE);
      expect((await changePassword(room, token)).status).toBe(200);
      const latest = await room.tokenOf(victim, NEW);
      const init = { method: 'DELETE', headers: bearer(latest) };
      expect((await room.send('/profile/me', init)).status).toBe(204);
    }
    await room.post('/auth/signup', { email: victim, password });
    await fail(room, victim, 10);
    expect(await kinds(room)).toEqual([]);
    expect(await room.db.select().from(outbox)).toEqual([]);
  });

  test.each([
    ['off', []],
    ['on', ['new_login', 'password_changed', 'lockout']],
    ['lockout, new_login', ['new_login', 'lockout']],
  ])('NOTICES=%s sends %j', async (setting, expected) => {
    const room = await createMailRoom({ NOTICES: setting });
    const { email } = await newcomer(room);
    const token = await room.tokenOf(email, password, ELSEWHERE);
    await changePassword(room, token);
    await fail(room, email, 10, '192.0.2.1');
    expect((await kinds(room)).toSorted()).toEqual(expected.toSorted());
    const rows = await room.db.select({ kind: notices.kind }).from(notices);
    expect(rows.map(({ kind }) => kind).toSorted()).toEqual(expected.toSorted());
  });

  test('are neither sent nor queued without a sender, and nothing fails', async () => {
    const { app, db } = await createTestApp({ ...production, PASSWORD_ROUNDS: '6' });
    const { token } = await newUser(app);
    const body = { current_password: password, new_password: NEW };
    const changed = await app.request('/auth/password/change', json('POST', body, bearer(token)));
    expect(changed.status).toBe(200);
    expect([await db.select().from(outbox), await db.select().from(notices)]).toEqual([[], []]);
  });

  test('of a reset or a deletion are sent although NOTICES=off', async () => {
    const room = await createMailRoom({ NOTICES: 'off' });
    const { email } = await newcomer(room);
    const { tokens } = await room.ask('/auth/password/forgot', email);
    await room.post('/auth/password/reset', { token: tokens.reset, new_password: NEW });
    const token = await room.tokenOf(email, NEW);
    await room.send('/profile/me', { method: 'DELETE', headers: bearer(token) });
    expect(await kinds(room)).toEqual(['reset_done', 'deleted']);
  });

  test('contain neither the name nor the user agent of anybody', async () => {
    const room = await createMailRoom();
    const { email, token } = await newcomer(room);
    const headers = { ...bearer(token), 'Content-Type': 'application/json' };
    const body = JSON.stringify({ name: 'Evil http://evil.example' });
    await room.send('/profile/me', { method: 'PATCH', headers, body });
    const login = form({ username: email, password });
    await room.send(
      '/auth/login',
      { ...login, headers: { 'User-Agent': 'http://evil.example' } },
      ELSEWHERE,
    );
    await room.deliver();
    const { kind, text } = await room.message();
    expect([kind, text.includes('evil')]).toEqual(['new_login', false]);
  });
});

describe('the language of an account', () => {
  test('is set by the sign-up and the proof of an address, until the account changes', async () => {
    const room = await createMailRoom();
    const email = 'ada@example.com';
    await room.post('/auth/signup', { email, password }, { 'Accept-Language': 'hi' });
    const token = await room.tokenOf(email, password);
    const stored = async () =>
      (await room.db.select({ locale: users.locale }).from(users).where(eq(users.email, email)))[0];
    expect(await stored()).toEqual({ locale: 'hi' });
    await room.verify(token);
    expect(await stored()).toEqual({ locale: 'en' });
    const { tokens } = await room.ask('/auth/password/forgot', email);
    await room.post(
      '/auth/password/reset',
      { token: tokens.reset, new_password: NEW },
      { 'Accept-Language': 'hi-IN' },
    );
    // The verification was a change.
    expect(await stored()).toEqual({ locale: 'en' });
  });

  test.each(['verification', 'reset'])('that its user has set survives a %s', async (proof) => {
    const room = await createMailRoom();
    const email = 'ada@example.com';
    await room.post('/auth/signup', { email, password }, { 'Accept-Language': 'en' });
    const token = await room.tokenOf(email, password);
    const patch = { locale: 'hi-in' };
    const json = { ...bearer(token), 'Content-Type': 'application/json' };
    const init = { method: 'PATCH', headers: json, body: JSON.stringify(patch) };
    expect((await room.send('/profile/me', init)).status).toBe(200);
    if (proof === 'verification') await room.verify(token);
    else {
      const { tokens } = await room.ask('/auth/password/forgot', email);
      await room.post('/auth/password/reset', { token: tokens.reset, new_password: NEW });
    }
    const [stored] = await room.db.select().from(users).where(eq(users.email, email));
    expect(stored).toMatchObject({ locale: 'hi-IN', emailVerifiedAt: expect.any(Number) });
  });

  test('is replaced by the reset of an account that was not changed since its sign-up', async () => {
    const room = await createMailRoom();
    const email = 'ada@example.com';
    await room.post('/auth/signup', { email, password }, { 'Accept-Language': 'en' });
    const { tokens } = await room.ask('/auth/password/forgot', email);
    const reset = { token: tokens.reset, new_password: NEW };
    await room.post('/auth/password/reset', reset, { 'Accept-Language': 'hi' });
    const [stored] = await room.db.select().from(users).where(eq(users.email, email));
    expect(stored?.locale).toBe('hi');
  });
});
