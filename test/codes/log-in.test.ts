import { decodeJwt } from 'jose';
import { describe, expect, test } from 'vitest';
import { auditEvents, sessions, users } from '../../src/core/db/schema.ts';
import { codeOf, createMailRoom, type MailRoom, otherCode } from '../support/mail-room.ts';
import { bearer } from '../support/test-app.ts';

const EMAIL = 'ada@example.com';
const MINUTE = 60;
const MILLISECOND = 0.001;

const logIn = (room: MailRoom, body: unknown, headers = {}) =>
  room.post('/auth/code/login', body, headers);

describe('POST /auth/code/login', () => {
  test('by a link answers like POST /auth/login, once', async () => {
    const room = await createMailRoom();
    const { id } = await room.newVerifiedUser(EMAIL);
    const { tokens } = await room.ask('/auth/code', EMAIL);
    const answer = await logIn(room, { token: tokens.login });
    expect(answer.status).toBe(200);
    expect(answer.headers.get('Cache-Control')).toBe('no-store');
    const body = (await answer.json()) as Record<string, string>;
    expect(Object.keys(body).sort()).toEqual([
      'access_token',
      'device_token',
      'expires_in',
      'refresh_token',
      'token_type',
    ]);
    expect((await room.profile(body.access_token ?? '')).body.id).toBe(id);
    expect(decodeJwt(body.access_token ?? '').auth_time).toBe(room.deps.clock() / 1000);
    expect(await codeOf(await logIn(room, { token: tokens.login }))).toBe('invalid_code');
    const [session] = (await room.db.select().from(sessions)).slice(-1);
    expect(session?.method).toBe('code');
    const [event] = (await room.db.select().from(auditEvents)).filter(
      ({ action, detail }) => action === 'login' && detail.includes('code'),
    );
    expect(event).toMatchObject({ outcome: 'success', subjectId: id });
  });

  test('by a code of a name in any spelling, and then the link is void', async () => {
    const room = await createMailRoom();
    await room.newVerifiedUser(EMAIL);
    const { code, tokens } = await room.ask('/auth/code', EMAIL);
    const body = { username: ` ${EMAIL.toUpperCase()} `, code };
    expect(await codeOf(await logIn(room, { ...body, code: otherCode(code) }))).toBe(
      'invalid_code',
    );
    expect(await codeOf(await logIn(room, body))).toBe(200);
    expect(await codeOf(await logIn(room, body))).toBe('invalid_code');
    expect(await codeOf(await logIn(room, { token: tokens.login }))).toBe('invalid_code');
  });

  test('keeps the password and the other sessions', async () => {
    const room = await createMailRoom();
    const { token, password } = await room.newVerifiedUser(EMAIL);
    const { code } = await room.ask('/auth/code', EMAIL);
    expect(await codeOf(await logIn(room, { username: EMAIL, code }))).toBe(200);
    expect((await room.profile(token)).status).toBe(200);
    expect(await room.logIn(EMAIL, password)).toBe(200);
  });

  test('works without a password', async () => {
    const room = await createMailRoom();
    await room.newVerifiedUser(EMAIL);
    await room.db.update(users).set({ passwordHash: null });
    const { code } = await room.ask('/auth/code', EMAIL);
    expect(await codeOf(await logIn(room, { username: EMAIL, code }))).toBe(200);
  });

  test('works while the password is locked, which it does not unlock', async () => {
    const room = await createMailRoom({ NOTICES: 'off' });
    const { password } = await room.newVerifiedUser(EMAIL);
    for (let i = 0; i < 10; i++) await room.logIn(EMAIL, 'wrong password', '198.51.100.9');
    const { code } = await room.ask('/auth/code', EMAIL);
    expect(await codeOf(await logIn(room, { username: EMAIL, code }))).toBe(200);
    expect(await room.logIn(EMAIL, password, '198.51.100.9')).toBe(400);
  });

  test('the link is valid for 60 minutes and the code for 15, to the millisecond', async () => {
    for (const [minutes, isLink] of [
      [60, true],
      [15, false],
    ] as const) {
      const room = await createMailRoom();
      await room.newVerifiedUser(EMAIL);
      const { tokens, code } = await room.ask('/auth/code', EMAIL);
      const proof = isLink ? { token: tokens.login } : { username: EMAIL, code };
      room.advance(minutes * MINUTE);
      expect(await codeOf(await logIn(room, proof))).toBe('invalid_code');
      room.advance(-MILLISECOND);
      expect(await codeOf(await logIn(room, proof))).toBe(200);
    }
  });

  test('[S53] is rejected from a page of another origin, and the code stays valid', async () => {
    const room = await createMailRoom();
    await room.newVerifiedUser(EMAIL);
    const { tokens } = await room.ask('/auth/code', EMAIL);
    const foreign = await logIn(room, { token: tokens.login }, { Origin: 'https://evil.example' });
    expect(await codeOf(foreign)).toBe('origin_refused');
    expect(await codeOf(await logIn(room, { token: tokens.login }))).toBe(200);
  });

  test.each([
    ['disabled', ({ db }: MailRoom) => db.update(users).set({ disabledAt: 1 })],
    ['deleted', ({ db }: MailRoom) => db.delete(users)],
  ])('is rejected once the account has been %s', async (_, meanwhile) => {
    const room = await createMailRoom();
    await room.newVerifiedUser(EMAIL);
    const { tokens, code } = await room.ask('/auth/code', EMAIL);
    await meanwhile(room);
    expect(await codeOf(await logIn(room, { token: tokens.login }))).toBe('invalid_code');
    expect(await codeOf(await logIn(room, { username: EMAIL, code }))).toBe('invalid_code');
  });
});

describe('POST /auth/reauthenticate/code', () => {
  test('sends a code to the verified address, which re-authenticates the session once', async () => {
    const room = await createMailRoom();
    const { token } = await room.newVerifiedUser(EMAIL);
    const other = await room.newUser('eve@example.com');
    room.advance(1800);
    const asked = await room.post('/auth/reauthenticate/code', undefined, bearer(token));
    expect([asked.status, await asked.json()]).toEqual([202, {}]);
    const { to, code, tokens } = await room.message();
    expect([to, tokens]).toEqual([EMAIL, {}]);
    const prove = (digits: unknown, bearerToken = token) =>
      room.post('/auth/reauthenticate', { code: digits }, bearer(bearerToken));
    expect(await codeOf(await prove(otherCode(code)))).toBe('invalid_code');
    expect(await codeOf(await prove(code, other.token))).toBe('invalid_code');
    const answer = await prove(code);
    expect(answer.status).toBe(200);
    const { access_token: fresh } = (await answer.json()) as { access_token: string };
    expect(decodeJwt(fresh)).toMatchObject({
      auth_time: room.deps.clock() / 1000,
      sid: decodeJwt(token).sid,
    });
    expect(await codeOf(await prove(code))).toBe('invalid_code');
  });

  test('sends it to the verified phone number if the email address is not verified', async () => {
    const room = await createMailRoom();
    const { token } = await room.newPhoneUser('7760873976', EMAIL);
    await room.verify(token, 'phone');
    await room.post('/auth/reauthenticate/code', undefined, bearer(token));
    expect((await room.message()).to).toBe('+917760873976');
  });

  test('answers no_address if no address is verified, and 401 to a stranger', async () => {
    const room = await createMailRoom();
    const { token } = await room.newUser(EMAIL);
    const answer = await room.post('/auth/reauthenticate/code', undefined, bearer(token));
    expect([answer.status, await codeOf(answer)]).toEqual([409, 'no_address']);
    const stranger = await room.post('/auth/reauthenticate/code', undefined);
    expect(await codeOf(stranger)).toBe('not_authenticated');
  });
});
