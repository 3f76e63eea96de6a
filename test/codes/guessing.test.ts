// Codes have six digits: what keeps them from being guessed.
import { eq } from 'drizzle-orm';
import { describe, expect, test } from 'vitest';
import { createApp } from '../../src/app.ts';
import { auditEvents, codes, users } from '../../src/core/db/schema.ts';
import { createDeps } from '../../src/deps.ts';
import { newCode } from '../../src/features/codes/code.ts';
import { codeOf, createMailRoom, type MailRoom, otherCode } from '../support/mail-room.ts';
import { bearer, json } from '../support/test-app.ts';

const FORGOT = '/auth/password/forgot';
const RESET = '/auth/password/reset';
const EMAIL = 'ada@example.com';
const NEW_PASSWORD = 'difference engine';
const MINUTE = 60;
const HOUR = 3600;
const DAY = 86_400;
const MILLISECOND = 0.001;

/** Presents a code for a reset. The password is refused, so that a right code stays valid. */
const tryCode = async (room: MailRoom, code: string | undefined) =>
  codeOf(await room.post(RESET, { username: EMAIL, code, new_password: 'password' }));

const wrongCodes = async (room: MailRoom, code: string | undefined, count: number) => {
  for (let i = 1; i <= count; i++) {
    expect(await tryCode(room, otherCode(code, i))).toBe('invalid_code');
  }
};

const counters = async ({ db }: MailRoom) => {
  const [user] = await db.select().from(users).where(eq(users.emailNormalized, EMAIL));
  const rows = await db.select().from(codes);
  return {
    failures: user?.codeFailures,
    lockedUntil: user?.codesLockedUntil,
    tries: rows.filter(({ kind }) => kind === 'code').map(({ tries }) => tries),
  };
};

/** Twenty wrong codes, across four codes. Returns the last message and when the lock began. */
async function lockCodes(room: MailRoom) {
  let message = await room.ask(FORGOT, EMAIL);
  for (let i = 0; i < 4; i++) {
    if (i > 0) {
      room.advance(MINUTE);
      message = await room.ask(FORGOT, EMAIL);
    }
    await wrongCodes(room, message.code, 5);
  }
  return { message, lockedAt: room.deps.clock() };
}

describe('[S63] a code', () => {
  test('is accepted after four wrong ones, and no more after five; the link stays valid', async () => {
    const room = await createMailRoom();
    await room.newUser(EMAIL);
    const { code, tokens } = await room.ask(FORGOT, EMAIL);
    await wrongCodes(room, code, 4);
    expect(await tryCode(room, code)).toBe('weak_password');
    await wrongCodes(room, code, 1);
    expect(await tryCode(room, code)).toBe('invalid_code');
    const byLink = { token: tokens.reset, new_password: NEW_PASSWORD };
    expect(await codeOf(await room.post(RESET, byLink))).toBe(204);
  });

  test('is replaced by a new one, and a link never is', async () => {
    const room = await createMailRoom();
    await room.newUser(EMAIL);
    const first = await room.ask(FORGOT, EMAIL);
    room.advance(MINUTE);
    const second = await room.ask(FORGOT, EMAIL);
    expect(await tryCode(room, first.code)).toBe('invalid_code');
    expect(await tryCode(room, second.code)).toBe('weak_password');
    const byLink = { token: first.tokens.reset, new_password: NEW_PASSWORD };
    expect(await codeOf(await room.post(RESET, byLink))).toBe(204);
  });

  test('is not replaced by a request beyond the limit, which sends none', async () => {
    const room = await createMailRoom();
    await room.newUser(EMAIL);
    const { code } = await room.ask(FORGOT, EMAIL);
    await room.post(FORGOT, { username: EMAIL });
    expect(await room.received()).toEqual([]);
    expect(await tryCode(room, code)).toBe('weak_password');
  });

  test('of 20 wrong codes at once, five count against the code and the account', async () => {
    const room = await createMailRoom();
    await room.newUser(EMAIL);
    const { code } = await room.ask(FORGOT, EMAIL);
    const outcomes = await Promise.all(
      Array.from({ length: 20 }, (_, i) => tryCode(room, otherCode(code, i + 1))),
    );
    expect(new Set(outcomes)).toEqual(new Set(['invalid_code']));
    expect(await counters(room)).toMatchObject({ failures: 5, tries: [5] });
    expect(await tryCode(room, code)).toBe('invalid_code');
    const events = await room.db.select().from(auditEvents);
    expect(events.filter(({ action }) => action === 'code_rejected')).toHaveLength(5);
  });

  test('found among 100 guesses at once cannot be used', async () => {
    const room = await createMailRoom();
    const { password } = await room.newUser(EMAIL);
    const { code } = await room.ask(FORGOT, EMAIL);
    const guesses = Array.from({ length: 100 }, (_, i) => otherCode(code, i - 50));
    await Promise.all(
      guesses.map((guess) =>
        room.post(RESET, { username: EMAIL, code: guess, new_password: NEW_PASSWORD }),
      ),
    );
    expect(await room.logIn(EMAIL, password)).toBe(200);
    expect(await tryCode(room, code)).toBe('invalid_code');
  });

  test('after twenty wrong codes, across new codes, an account accepts links only for a day', async () => {
    const room = await createMailRoom();
    await room.newUser(EMAIL);
    const { message, lockedAt } = await lockCodes(room);
    expect(await counters(room)).toMatchObject({
      failures: 20,
      lockedUntil: lockedAt + DAY * 1000,
    });
    room.advance(HOUR);
    const next = await room.ask(FORGOT, EMAIL);
    expect(next.code).toBe(undefined);
    for (const token of [message.tokens.reset, next.tokens.reset]) {
      const answer = await room.post(RESET, { token, new_password: 'password' });
      expect(await codeOf(answer)).toBe(
        token === next.tokens.reset ? 'weak_password' : 'invalid_code',
      );
    }

    room.advance(DAY - HOUR - MINUTE);
    const last = await room.ask(FORGOT, EMAIL);
    expect(last.code).toBe(undefined);
    room.advance(MINUTE - MILLISECOND);
    await room.post(FORGOT, { username: EMAIL });
    await room.received();
    room.advance(MINUTE);
    const open = await room.ask(FORGOT, EMAIL);
    expect(await tryCode(room, open.code)).toBe('weak_password');
    await wrongCodes(room, open.code, 1);
    expect(await counters(room)).toMatchObject({ failures: 1 });
  });

  test('the code that was sent before the lock is not accepted either, until it ends', async () => {
    const room = await createMailRoom();
    await room.newUser(EMAIL);
    await lockCodes(room);
    // A code of another purpose, which the account would accept but for the lock.
    await room.db.update(users).set({ emailVerifiedAt: 1 });
    room.advance(HOUR);
    const { code, tokens } = await room.ask('/auth/code', EMAIL);
    expect(code).toBe(undefined);
    const login = await room.post('/auth/code/login', { token: tokens.login });
    expect(login.status).toBe(200);
  });

  test('a text message has the link in place of the code while codes are not accepted', async () => {
    const room = await createMailRoom();
    const { phone } = await room.newPhoneUser('7760873976');
    const until = room.deps.clock() + DAY * 1000;
    const usual = await room.ask(FORGOT, phone);
    expect([usual.code?.length, Object.keys(usual.tokens)]).toEqual([6, ['undo']]);
    await room.db.update(users).set({ codesLockedUntil: until });
    room.advance(MINUTE);
    const { code, tokens } = await room.ask(FORGOT, phone);
    expect(code).toBe(undefined);
    const body = { token: tokens.reset, new_password: NEW_PASSWORD };
    expect(await codeOf(await room.post(RESET, body))).toBe(204);
  });

  test('wrong codes count for a day: nineteen one day and one the next do not lock', async () => {
    const room = await createMailRoom();
    await room.newUser(EMAIL);
    let message = await room.ask(FORGOT, EMAIL);
    for (const count of [5, 5, 5, 4]) {
      await wrongCodes(room, message.code, count);
      room.advance(MINUTE);
      message = await room.ask(FORGOT, EMAIL);
    }
    room.advance(DAY);
    message = await room.ask(FORGOT, EMAIL);
    await wrongCodes(room, message.code, 1);
    expect(await counters(room)).toMatchObject({ failures: 1, lockedUntil: null });
  });

  test('a reset ends the lock', async () => {
    const room = await createMailRoom();
    await room.newUser(EMAIL);
    const { message } = await lockCodes(room);
    const byLink = { token: message.tokens.reset, new_password: NEW_PASSWORD };
    expect(await codeOf(await room.post(RESET, byLink))).toBe(204);
    expect(await counters(room)).toMatchObject({ failures: 0, lockedUntil: null });
    await room.received();
    room.advance(HOUR);
    expect((await room.ask(FORGOT, EMAIL)).code).toHaveLength(6);
  });

  test('wrong codes without a code that waits count for nothing: strangers cannot lock the owner out of codes', async () => {
    const room = await createMailRoom();
    await room.newUser(EMAIL);
    await wrongCodes(room, '000000', 30);
    expect(await counters(room)).toMatchObject({ failures: 0, lockedUntil: null });
  });

  test('two servers on one database count together', async () => {
    const room = await createMailRoom();
    await room.newUser(EMAIL);
    const { code } = await room.ask(FORGOT, EMAIL);
    const { config, db, clock, log, readAsset } = room.deps;
    const other = createApp(
      await createDeps(config, {
        ...{ db, clock, log, readAsset },
        fetch: () => Promise.reject(new Error('not used')),
      }),
    );
    const body = (i: number) => ({
      username: EMAIL,
      code: otherCode(code, i),
      new_password: NEW_PASSWORD,
    });
    await Promise.all([
      ...[1, 2, 3].map((i) => room.post(RESET, body(i))),
      ...[4, 5].map((i) => other.request(RESET, json('POST', body(i)))),
    ]);
    expect(await codeOf(await other.request(RESET, json('POST', body(0))))).toBe('invalid_code');
    expect(await codeOf(await room.post(RESET, body(0)))).toBe('invalid_code');
    expect(await counters(room)).toMatchObject({ failures: 5 });
  });

  test('of another user, another address or another purpose is a wrong one', async () => {
    const room = await createMailRoom();
    const ada = await room.newVerifiedUser(EMAIL);
    const eve = await room.newVerifiedUser('eve@example.com');
    const login = await room.ask('/auth/code', EMAIL);
    const { code } = await room.ask('/auth/code', eve.email);
    const logIn = async (username: string, digits: string | undefined) =>
      codeOf(await room.post('/auth/code/login', { username, code: digits }));
    expect(await logIn(EMAIL, code === login.code ? otherCode(code) : code)).toBe('invalid_code');
    const reset = { username: EMAIL, code: login.code, new_password: NEW_PASSWORD };
    expect(await codeOf(await room.post(RESET, reset))).toBe('invalid_code');
    const verification = { channel: 'email', code: login.code };
    const verify = await room.post('/auth/verification/confirm', verification, bearer(ada.token));
    expect(await codeOf(verify)).toBe('invalid_code');
    const confirm = await room.post('/auth/phone/confirm', { code: login.code }, bearer(ada.token));
    expect(await codeOf(confirm)).toBe('invalid_code');
    expect(await logIn(EMAIL, login.code)).toBe(200);
  });

  test('of an address that the account no longer has is rejected, and so is its link', async () => {
    const room = await createMailRoom();
    const { token } = await room.newVerifiedUser(EMAIL);
    const login = await room.ask('/auth/code', EMAIL);
    room.advance(MINUTE);
    await room.post('/auth/email/change', { email: 'new@example.com' }, bearer(token));
    const { tokens } = await room.message();
    expect((await room.post('/auth/email/confirm', { token: tokens.change })).status).toBe(204);
    for (const body of [
      { token: login.tokens.login },
      { username: EMAIL, code: login.code },
      { username: 'new@example.com', code: login.code },
    ]) {
      expect(await codeOf(await room.post('/auth/code/login', body))).toBe('invalid_code');
    }
  });
});

test('codes have six digits, each equally likely', () => {
  const all = Array.from({ length: 20_000 }, newCode);
  for (const code of all) expect(code).toMatch(/^\d{6}$/);
  const firsts = new Map<string, number>();
  for (const [first = ''] of all) firsts.set(first, (firsts.get(first) ?? 0) + 1);
  expect(firsts.size).toBe(10);
  // Ten standard deviations of 2000 expected.
  for (const count of firsts.values()) expect(Math.abs(count - 2000)).toBeLessThan(425);
});
