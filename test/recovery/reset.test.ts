import { eq } from 'drizzle-orm';
import { describe, expect, test } from 'vitest';
import { auditEvents, codes, outbox, sessions, users } from '../../src/core/db/schema.ts';
import { codeOf, createMailRoom, HERE, otherCode } from '../support/mail-room.ts';
import { bearer } from '../support/test-app.ts';

const NEW_PASSWORD = 'difference engine';
const FORGOT = '/auth/password/forgot';
const RESET = '/auth/password/reset';
const MILLISECOND = 0.001;
const MINUTE = 60;

describe('POST /auth/password/reset', () => {
  test('by a link sets the password once, ends every session and verifies the address', async () => {
    const room = await createMailRoom();
    const { email, password, token } = await room.newUser();
    const answer = await room.post(FORGOT, { username: email });
    expect([answer.status, await answer.json()]).toEqual([202, {}]);
    const message = await room.message();
    expect(message.to).toBe(email);
    const body = { token: message.tokens.reset, new_password: NEW_PASSWORD };

    expect((await room.profile(token)).body).toMatchObject({ email_verified: false });
    expect(await codeOf(await room.post(RESET, body))).toBe(204);
    expect(await codeOf(await room.post(RESET, body))).toBe('invalid_code');
    expect((await room.profile(token)).status).toBe(401);
    expect(await room.logIn(email, password)).toBe(400);
    const fresh = await room.tokenOf(email, NEW_PASSWORD);
    expect((await room.profile(fresh)).body).toMatchObject({ email_verified: true });
    expect(await room.message()).toMatchObject({ to: email, tokens: {}, code: undefined });
  });

  test('by a code does the same, and a rejected password uses nothing up', async () => {
    const room = await createMailRoom();
    const { email } = await room.newUser();
    const { code } = await room.ask(FORGOT, email);
    const body = { username: email.toUpperCase(), code, new_password: NEW_PASSWORD };
    const wrong = { ...body, code: otherCode(code) };
    expect(await codeOf(await room.post(RESET, wrong))).toBe('invalid_code');
    for (const weak of ['password', 'short', email]) {
      const answer = await room.post(RESET, { ...body, new_password: weak });
      expect(await codeOf(answer)).toBe('weak_password');
    }
    const tries = (await room.db.select().from(codes)).map((row) => row.tries);
    expect(tries.toSorted()).toEqual([0, 0, 1]);
    expect(await codeOf(await room.post(RESET, body))).toBe(204);
    expect(await room.logIn(email, NEW_PASSWORD)).toBe(200);
  });

  test('by a phone number works as well', async () => {
    const room = await createMailRoom();
    const { phone, token } = await room.newPhoneUser('7760873976');
    const { code, to } = await room.ask(FORGOT, '+91 77608 73976');
    expect(to).toBe('+917760873976');
    const body = { username: phone, code, new_password: NEW_PASSWORD };
    expect(await codeOf(await room.post(RESET, body))).toBe(204);
    expect((await room.profile(token)).status).toBe(401);
    const again = await room.tokenOf(phone, NEW_PASSWORD);
    expect((await room.profile(again)).body).toMatchObject({ phone_verified: true });
  });

  test('ends the other links and codes of the account', async () => {
    const room = await createMailRoom();
    const { email, token } = await room.newVerifiedUser();
    const change = { email: 'new@example.com' };
    await room.post('/auth/email/change', change, bearer(token));
    const pending = await room.message();
    const login = await room.ask('/auth/code', email);
    room.advance(MINUTE);
    const first = await room.ask(FORGOT, email);
    room.advance(MINUTE);
    const second = await room.ask(FORGOT, email);
    const reset = (link?: string) => room.post(RESET, { token: link, new_password: NEW_PASSWORD });
    expect(await codeOf(await reset(second.tokens.reset))).toBe(204);
    expect(await codeOf(await reset(first.tokens.reset))).toBe('invalid_code');
    for (const [path, body] of [
      ['/auth/code/login', { token: login.tokens.login }],
      ['/auth/code/login', { username: email, code: login.code }],
      ['/auth/email/confirm', { token: pending.tokens.change }],
      ['/auth/email/undo', { token: pending.tokens.undo }],
    ] as const) {
      expect([path, await codeOf(await room.post(path, body))]).toEqual([path, 'invalid_code']);
    }
    expect(await room.db.select().from(codes)).toEqual([]);
    expect(await room.db.select().from(sessions)).toEqual([]);
  });

  test('is ended by a change of the password, and so are logins and re-authentications', async () => {
    const room = await createMailRoom();
    const { email, password, token } = await room.newVerifiedUser();
    const login = await room.ask('/auth/code', email);
    room.advance(60);
    const reset = await room.ask('/auth/password/forgot', email);
    room.advance(60);
    await room.post('/auth/reauthenticate/code', {}, bearer(token));
    const { code } = await room.message();
    const body = { current_password: password, new_password: 'difference engine' };
    const changed = await room.post('/auth/password/change', body, bearer(token));
    const { access_token } = (await changed.json()) as { access_token: string };
    const byLink = { token: reset.tokens.reset, new_password: 'analytical engine' };
    expect(await codeOf(await room.post('/auth/password/reset', byLink))).toBe('invalid_code');
    const byCode = { username: email, code: reset.code, new_password: 'analytical engine' };
    expect(await codeOf(await room.post('/auth/password/reset', byCode))).toBe('invalid_code');
    const logIn = await room.post('/auth/code/login', { token: login.tokens.login });
    expect(await codeOf(logIn)).toBe('invalid_code');
    const again = await room.post('/auth/reauthenticate', { code }, bearer(access_token));
    expect(await codeOf(again)).toBe('invalid_code');
  });

  test('clears the lockout', async () => {
    const room = await createMailRoom();
    const { email, password } = await room.newUser();
    const { tokens } = await room.ask(FORGOT, email);
    for (let i = 0; i < 10; i++) await room.logIn(email, 'wrong password');
    expect(await room.logIn(email, password)).toBe(400);
    const body = { token: tokens.reset, new_password: NEW_PASSWORD };
    expect(await codeOf(await room.post(RESET, body))).toBe(204);
    expect(await room.logIn(email, NEW_PASSWORD)).toBe(200);
  });

  test('records the event, without a secret', async () => {
    const room = await createMailRoom();
    const { id, email } = await room.newUser();
    const { tokens, code } = await room.ask(FORGOT, email);
    const wrong = { username: email, code: otherCode(code), new_password: NEW_PASSWORD };
    await room.post(RESET, wrong);
    await room.post(RESET, { token: tokens.reset, new_password: NEW_PASSWORD });
    const events = await room.db.select().from(auditEvents).where(eq(auditEvents.subjectId, id));
    expect(events.map(({ action, outcome }) => [action, outcome]).slice(-2)).toEqual([
      ['code_rejected', 'failure'],
      ['password_reset', 'success'],
    ]);
    expect(events.at(-1)).toMatchObject({ address: HERE, actorId: null });
    expect(JSON.stringify(events)).not.toContain(code);
  });

  test('the link is valid for 60 minutes and the code for 15, to the millisecond', async () => {
    for (const [minutes, isLink] of [
      [60, true],
      [15, false],
    ] as const) {
      const room = await createMailRoom();
      const { email } = await room.newUser();
      const { tokens, code } = await room.ask(FORGOT, email);
      const proof = isLink ? { token: tokens.reset } : { username: email, code };
      room.advance(minutes * MINUTE - MILLISECOND);
      const weak = { ...proof, new_password: 'password' };
      expect(await codeOf(await room.post(RESET, weak))).toBe('weak_password');
      room.advance(MILLISECOND);
      const good = { ...proof, new_password: NEW_PASSWORD };
      expect(await codeOf(await room.post(RESET, good))).toBe('invalid_code');
      room.advance(-MILLISECOND);
      expect(await codeOf(await room.post(RESET, good))).toBe(204);
    }
  });

  test.each([
    ['disabled', async ({ db }: Room) => void (await db.update(users).set({ disabledAt: 1 }))],
    ['deleted', async ({ db }: Room) => void (await db.delete(users))],
  ])('is rejected once the account has been %s', async (_, meanwhile) => {
    const room = await createMailRoom();
    const { email } = await room.newUser();
    const { tokens, code } = await room.ask(FORGOT, email);
    await meanwhile(room);
    for (const proof of [{ token: tokens.reset }, { username: email, code }]) {
      const answer = await room.post(RESET, { ...proof, new_password: NEW_PASSWORD });
      expect(await codeOf(answer)).toBe('invalid_code');
    }
    expect(await room.logIn(email, NEW_PASSWORD)).toBe(400);
  });
});

type Room = Awaited<ReturnType<typeof createMailRoom>>;

describe('[S15] POST /auth/password/forgot', () => {
  test('answers unknown, known, disabled and malformed names alike, and over a limit', async () => {
    const room = await createMailRoom();
    const { email } = await room.newUser();
    await room.newUser('disabled@example.com');
    await room.db
      .update(users)
      .set({ disabledAt: 1 })
      .where(eq(users.email, 'disabled@example.com'));
    const shapes = new Set<string>();
    for (const username of [
      email,
      email,
      'nobody@example.com',
      'disabled@example.com',
      'neither name nor number',
      '\u{1f600}'.repeat(100),
      '+14155550100',
      '7760873976',
      'x@y\r\nBcc: eve@example.com',
    ]) {
      for (const path of [FORGOT, '/auth/code']) {
        const answer = await room.post(path, { username });
        const names = [...answer.headers.keys()].sort().join();
        shapes.add(`${answer.status} ${names} ${await answer.text()}`);
      }
    }
    expect([...shapes]).toHaveLength(1);
    expect([...shapes][0]).toMatch(/^202 .* \{\}$/);
    expect((await room.received()).map(({ to }) => to)).toEqual([email]);
  });

  test('does the same statements for an unknown name: rows of codes and a message that is never sent', async () => {
    const room = await createMailRoom();
    const { id, email } = await room.newUser();
    const rowsOf = async (userId: number | null) => ({
      codes: (await room.db.select().from(codes)).filter((row) => row.userId === userId).length,
      outbox: (await room.db.select().from(outbox))
        .filter((row) => row.userId === userId)
        .map(({ state, kind }) => [state, kind]),
    });
    await room.post(FORGOT, { username: email });
    await room.post(FORGOT, { username: 'nobody@example.com' });
    await room.idle();
    expect(await rowsOf(id)).toEqual({ codes: 3, outbox: [['sent', 'reset']] });
    expect(await rowsOf(null)).toEqual({ codes: 3, outbox: [['decoy', 'reset']] });
    await room.deps.messages.deliver();
    expect((await room.received()).map(({ to }) => to)).toEqual([email]);
  });

  test('to an address that is not verified offers to release it; to a verified one it does not', async () => {
    const room = await createMailRoom();
    const { id, email } = await room.newUser();
    const { tokens } = await room.ask(FORGOT, email);
    expect(Object.keys(tokens).toSorted()).toEqual(['reset', 'undo']);
    const undo = await room.post('/auth/email/undo', { token: tokens.undo });
    expect(await codeOf(undo)).toBe(204);
    const released = await room.db.select().from(users).where(eq(users.id, id));
    expect(released).toMatchObject([{ emailNormalized: null, disabledAt: expect.any(Number) }]);

    const other = await room.newUser('eve@example.com');
    await room.db.update(users).set({ emailVerifiedAt: 1 }).where(eq(users.id, other.id));
    expect(Object.keys((await room.ask(FORGOT, other.email)).tokens)).toEqual(['reset']);
  });

  test('sends to the stored address and not to the typed one', async () => {
    const room = await createMailRoom();
    await room.newUser('Ada@Example.com');
    const { to, text } = await room.ask(FORGOT, 'ａｄａ@example.com');
    expect(to).toBe('Ada@Example.com');
    expect(text).toContain('Ada@Example.com');
    expect(text).not.toContain('ａ');
  });

  test('chooses the language by Accept-Language', async () => {
    const room = await createMailRoom();
    const { email } = await room.newUser();
    await room.post(FORGOT, { username: email }, { 'Accept-Language': 'hi-IN, en;q=0.5' });
    expect((await room.message()).text).toMatch(/\p{Script=Devanagari}/u);
  });
});
