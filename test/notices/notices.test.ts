import { eq } from 'drizzle-orm';
import { describe, expect, test } from 'vitest';
import { notices } from '../../src/core/db/account-schema.ts';
import { outbox, sessions, users } from '../../src/core/db/schema.ts';
import { createMailRoom, type MailRoom } from '../support/mail-room.ts';
import { production } from '../support/settings.ts';
import { bearer, createTestApp, form, json, newUser } from '../support/test-app.ts';

const ELSEWHERE = '198.51.100.7';
const password = 'analytical engine';
const NEW = 'difference engine';
const DAY_SECONDS = 86_400;

/** What has been sent since the last call, after a sweep. */
async function kinds(room: MailRoom): Promise<string[]> {
  await room.deliver();
  return (await room.received()).map(({ kind }) => kind);
}

/** A user with a verified address whose sign-up came from the network of the room. */
async function newcomer(room: MailRoom, email = 'ada@example.com', language = 'en') {
  await room.post('/auth/signup', { email, password }, { 'Accept-Language': language });
  await room.db.update(users).set({ emailVerifiedAt: 1 }).where(eq(users.email, email));
  return { email, token: await room.tokenOf(email, password) };
}

const changePassword = (
  room: MailRoom,
  token: string,
  from = password,
  to = NEW,
  language = 'en',
) =>
  room.post(
    '/auth/password/change',
    { current_password: from, new_password: to },
    { ...bearer(token), 'Accept-Language': language },
  );

async function fail(room: MailRoom, email: string, count: number, address = ELSEWHERE) {
  for (let i = 0; i < count; i++) await room.logIn(email, 'wrong', address);
}

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

describe('a notice of a login', () => {
  test('is sent for a network that is new to the account, in the language of the account', async () => {
    const room = await createMailRoom();
    const { email } = await newcomer(room, 'ada@example.com', 'hi');
    expect(await kinds(room)).toEqual([]);
    await room.logIn(email, password);
    expect(await kinds(room)).toEqual([]);
    await room.logIn(email, password, ELSEWHERE);
    await room.deliver();
    expect(await room.message()).toMatchObject({ kind: 'new_login', to: email, locale: 'hi' });
    await room.logIn(email, password, ELSEWHERE);
    await room.logIn(email, password, '192.0.2.1');
    expect(await kinds(room)).toEqual([]);
    room.advance(DAY_SECONDS);
    await room.logIn(email, password, '192.0.2.2');
    expect(await kinds(room)).toEqual(['new_login']);
  });

  test('is not sent for a sign-up that logs in, a wrong password or a password change elsewhere', async () => {
    const room = await createMailRoom();
    await room.send(
      '/api/v1/auth/signup',
      json('POST', { phone: '9876543210', email: 'eve@example.com', password }),
      ELSEWHERE,
    );
    const { email, token } = await newcomer(room);
    await fail(room, email, 3);
    const change = { current_password: password, new_password: NEW };
    await room.post('/auth/password/change', change, bearer(token), '192.0.2.9');
    expect(await kinds(room)).toEqual(['password_changed']);
  });

  test('is sent for a login by a code', async () => {
    const room = await createMailRoom();
    const { email } = await newcomer(room);
    const { tokens } = await room.ask('/auth/code', email);
    await room.post('/auth/code/login', { token: tokens.login }, {}, ELSEWHERE);
    expect(await kinds(room)).toEqual(['new_login']);
  });

  test('goes to no phone number: text messages cost money', async () => {
    const room = await createMailRoom();
    const { phone, token } = await room.newPhoneUser('+919876543210');
    await room.verify(token, 'phone');
    await room.logIn(phone, password, ELSEWHERE);
    await room.logIn(phone, password, '192.0.2.1');
    await fail(room, phone, 12);
    expect(await kinds(room)).toEqual([]);
  });

  test('is sent although a stolen session was used from that network before', async () => {
    const room = await createMailRoom();
    const { email, token } = await newcomer(room);
    room.advance(60);
    expect((await room.send('/profile/me', { headers: bearer(token) }, ELSEWHERE)).status).toBe(
      200,
    );
    await room.logIn(email, password, ELSEWHERE);
    expect(await kinds(room)).toEqual(['new_login']);
  });

  test('is sent for a re-authentication, which does not make network and device known in silence', async () => {
    const room = await createMailRoom();
    const { email, token } = await newcomer(room, 'ada@example.com', 'hi');
    await room.post('/auth/reauthenticate', { password: 'wrong' }, bearer(token), ELSEWHERE);
    expect(await kinds(room)).toEqual([]);
    await room.post('/auth/reauthenticate', { password }, bearer(token), ELSEWHERE);
    await room.deliver();
    expect(await room.message()).toMatchObject({ kind: 'new_login', to: email, locale: 'hi' });
    room.advance(DAY_SECONDS);
    await room.logIn(email, password, ELSEWHERE);
    expect(await kinds(room)).toEqual([]);
  });

  test('is sent for a re-authentication by a code', async () => {
    const room = await createMailRoom();
    const { token } = await newcomer(room);
    await room.post('/auth/reauthenticate/code', {}, bearer(token));
    const { code } = await room.message();
    const proved = await room.post('/auth/reauthenticate', { code }, bearer(token), ELSEWHERE);
    expect(proved.status).toBe(200);
    expect(await kinds(room)).toEqual(['new_login']);
  });

  test('is not sent for a re-authentication from a known network or with a known device', async () => {
    const room = await createMailRoom();
    const { email, token } = await newcomer(room);
    await room.post('/auth/reauthenticate', { password }, bearer(token));
    const login = await room.send('/auth/login', form({ username: email, password }));
    const { device_token } = (await login.json()) as { device_token: string };
    const body = { password, device_token };
    const proved = await room.post('/auth/reauthenticate', body, bearer(token), ELSEWHERE);
    expect(((await proved.json()) as { device_token: string }).device_token).toBe(device_token);
    expect(await kinds(room)).toEqual([]);
  });

  test('is sent again 90 days after the last login from the network, although sessions have used it', async () => {
    const room = await createMailRoom();
    const { email } = await newcomer(room);
    const token = await room.tokenOf(email, password);
    for (let days = 0; days < 90; days += 10) {
      room.advance(10 * DAY_SECONDS);
      await room.send('/profile/me', { headers: bearer(token) });
    }
    await room.logIn(email, password);
    expect(await kinds(room)).toEqual(['new_login']);
  });

  test('of 20 logins at once from 20 networks is sent once', async () => {
    const room = await createMailRoom();
    const { email } = await newcomer(room);
    const statuses = await Promise.all(
      Array.from({ length: 20 }, (_, i) => room.logIn(email, password, `192.0.2.${i}`)),
    );
    expect(statuses).toEqual(Array(20).fill(200));
    expect(await kinds(room)).toEqual(['new_login']);
  });
});

describe('a notice of a lockout', () => {
  test('is sent once a day, however many strangers cause it', async () => {
    const room = await createMailRoom();
    const { email } = await newcomer(room, 'ada@example.com', 'hi');
    await fail(room, email, 9);
    expect(await kinds(room)).toEqual([]);
    await fail(room, email, 1);
    await room.deliver();
    expect(await room.message()).toMatchObject({ kind: 'lockout', to: email, locale: 'hi' });
    await fail(room, email, 10, '192.0.2.1');
    expect(await kinds(room)).toEqual([]);
  });

  test('of 40 wrong passwords at once is sent once', async () => {
    const room = await createMailRoom();
    const { email } = await newcomer(room);
    await Promise.all(
      Array.from({ length: 40 }, (_, i) => room.logIn(email, 'wrong', `192.0.2.${i % 2}`)),
    );
    expect(await kinds(room)).toEqual(['lockout']);
  });
});

describe('a notice of a lockout of password changes', () => {
  test.each([
    ['password changes', '/auth/password/change', { current_password: 'wrong', new_password: NEW }],
    ['re-authentications', '/auth/reauthenticate', { password: 'wrong' }],
  ])('is sent once for too many wrong passwords at %s', async (_, path, body) => {
    const room = await createMailRoom();
    const { email, token } = await newcomer(room, 'ada@example.com', 'hi');
    const attempt = async () => (await room.post(path, body, bearer(token))).status;
    for (let i = 0; i < 9; i++) {
      expect(await attempt()).toBe(400);
      room.advance(60);
    }
    expect(await kinds(room)).toEqual([]);
    await attempt();
    await room.deliver();
    expect(await room.message()).toMatchObject({ kind: 'lockout', to: email, locale: 'hi' });
    room.advance(60);
    await attempt();
    expect(await kinds(room)).toEqual([]);
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
  test('to an address that the account has not verified are not sent: 30 sign-ups with the address of a victim', async () => {
    const room = await createMailRoom();
    const victim = 'victim@example.com';
    for (let i = 0; i < 30; i++) {
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
  test('is set by the sign-up, the verification and the reset', async () => {
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
    expect(await stored()).toEqual({ locale: 'hi' });
  });
});
