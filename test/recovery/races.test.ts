import { eq } from 'drizzle-orm';
import { describe, expect, test } from 'vitest';
import { createApp } from '../../src/app.ts';
import { codes, outbox, sessions, users } from '../../src/core/db/schema.ts';
import { codeOf, createMailRoom, HERE, type MailRoom } from '../support/mail-room.ts';
import { sendSlowly } from '../support/slow-body.ts';
import { bearer, form, json } from '../support/test-app.ts';

const EMAIL = 'ada@example.com';
const NEW_PASSWORD = 'difference engine';
const FORGOT = '/auth/password/forgot';
const RESET = '/auth/password/reset';
const AT_ONCE = 20;

const atOnce = (ask: (i: number) => Promise<Response>) =>
  Promise.all(Array.from({ length: AT_ONCE }, async (_, i) => codeOf(await ask(i))));

/** Expects that exactly one of all outcomes is a success, and the others invalid_code. */
function expectOne(outcomes: readonly unknown[], status: number): void {
  expect(outcomes.filter((outcome) => outcome === status)).toHaveLength(1);
  expect(outcomes.filter((outcome) => outcome === 'invalid_code')).toHaveLength(AT_ONCE - 1);
}

describe('[S16] of 20 uses at once, one succeeds', () => {
  test.each(['link', 'code'])('of a reset by %s', async (kind) => {
    const room = await createMailRoom();
    await room.newUser(EMAIL);
    const { tokens, code } = await room.ask(FORGOT, EMAIL);
    const proof = kind === 'link' ? { token: tokens.reset } : { username: EMAIL, code };
    const passwordOf = (i: number) => `difference engine ${i}`;
    const outcomes = await atOnce((i) =>
      room.post(RESET, { ...proof, new_password: passwordOf(i) }),
    );
    expectOne(outcomes, 204);
    const logins = await Promise.all(
      outcomes.map((_, i) => room.logIn(EMAIL, passwordOf(i), `198.51.100.${i}`)),
    );
    expect(logins.map((status) => (status === 200 ? 204 : 'invalid_code'))).toEqual(outcomes);
    expect(await room.received()).toHaveLength(1);
  });

  test.each(['link', 'code'])('of a login by %s', async (kind) => {
    const room = await createMailRoom();
    await room.newVerifiedUser(EMAIL);
    const { tokens, code } = await room.ask('/auth/code', EMAIL);
    const proof = kind === 'link' ? { token: tokens.login } : { username: EMAIL, code };
    const before = (await room.db.select().from(sessions)).length;
    expectOne(await atOnce(() => room.post('/auth/code/login', proof)), 200);
    expect(await room.db.select().from(sessions)).toHaveLength(before + 1);
  });

  test.each(['link', 'code'])('of a verification by %s', async (kind) => {
    const room = await createMailRoom();
    const { token } = await room.newUser(EMAIL);
    await room.post('/auth/verification', { channel: 'email' }, bearer(token));
    const { tokens, code } = await room.message();
    const proof = kind === 'link' ? { token: tokens.verify } : { channel: 'email', code };
    expectOne(
      await atOnce(() => room.post('/auth/verification/confirm', proof, bearer(token))),
      204,
    );
  });

  test('of a change of address, and of its undo; each sends one notice', async () => {
    const room = await createMailRoom();
    const { token } = await room.newVerifiedUser(EMAIL);
    await room.post('/auth/email/change', { email: 'new@example.com' }, bearer(token));
    const change = (await room.message()).tokens.change;
    expectOne(await atOnce(() => room.post('/auth/email/confirm', { token: change })), 204);
    const { undo } = (await room.message()).tokens;
    expectOne(await atOnce(() => room.post('/auth/email/undo', { token: undo })), 204);
    expect(await room.db.select().from(users)).toMatchObject([{ email: EMAIL }]);
  });

  test('of a change of phone number by code', async () => {
    const room = await createMailRoom();
    const { token } = await room.newUser(EMAIL);
    await room.post('/auth/phone/change', { phone: '7760873976' }, bearer(token));
    const { code } = await room.message();
    expectOne(await atOnce(() => room.post('/auth/phone/confirm', { code }, bearer(token))), 204);
  });

  test('of a link that releases an address', async () => {
    const room = await createMailRoom();
    const { token } = await room.newUser(EMAIL);
    await room.post('/auth/verification', { channel: 'email' }, bearer(token));
    const { tokens } = await room.message();
    expectOne(await atOnce(() => room.post('/auth/email/undo', { token: tokens.undo })), 204);
  });

  test('of all links and codes of one reset', async () => {
    const room = await createMailRoom();
    await room.newUser(EMAIL);
    const first = await room.ask(FORGOT, EMAIL);
    room.advance(60);
    const second = await room.ask(FORGOT, EMAIL);
    const proofs = [
      { token: first.tokens.reset },
      { token: second.tokens.reset },
      { username: EMAIL, code: second.code },
    ];
    const outcomes = await atOnce((i) =>
      room.post(RESET, { ...proofs[i % proofs.length], new_password: `${NEW_PASSWORD} ${i}` }),
    );
    expectOne(outcomes, 204);
  });
});

describe('two accounts that confirm the same address at once', () => {
  test('one gets it; the other is told that it is taken, and loses nothing', async () => {
    const room = await createMailRoom();
    const links: (string | undefined)[] = [];
    for (const name of ['eve', 'ada']) {
      const { token } = await room.newUser(`${name}@example.com`);
      await room.post('/auth/email/change', { email: 'new@example.com' }, bearer(token));
      links.push((await room.message()).tokens.change);
      room.advance(60);
    }
    const outcomes = await Promise.all(
      links.map(async (token) => codeOf(await room.post('/auth/email/confirm', { token }))),
    );
    expect(outcomes.toSorted()).toEqual([204, 'email_taken']);
    const emails = (await room.db.select().from(users)).map(({ email }) => email);
    expect(emails.filter((email) => email === 'new@example.com')).toHaveLength(1);
    expect(emails.filter((email) => email === null)).toEqual([]);
  });

  test('an account that is verified while another confirms its address keeps it', async () => {
    const room = await createMailRoom();
    const holder = await room.newUser('new@example.com');
    await room.post('/auth/verification', { channel: 'email' }, bearer(holder.token));
    const { tokens: own } = await room.message();
    const { token } = await room.newUser(EMAIL);
    room.advance(60);
    await room.post('/auth/email/change', { email: 'new@example.com' }, bearer(token));
    const { tokens } = await room.message();
    const [verified, changed] = await Promise.all([
      room.post('/auth/verification/confirm', { token: own.verify }).then(codeOf),
      room.post('/auth/email/confirm', { token: tokens.change }).then(codeOf),
    ]);
    expect([
      [204, 'email_taken'],
      ['invalid_code', 204],
    ]).toContainEqual([verified, changed]);
    const rows = await room.db.select().from(users).where(eq(users.email, 'new@example.com'));
    expect(rows).toHaveLength(1);
    expect(rows[0]?.emailVerifiedAt).not.toBe(null);
  });
});

/** Returns the same app, except that it calls `meanwhile` after the first hash or verification of a password. */
function overtaken({ deps }: MailRoom, meanwhile: () => unknown) {
  let isFirst = true;
  const once = async <Result>(result: Promise<Result>): Promise<Result> => {
    const settled = await result;
    if (isFirst) {
      isFirst = false;
      await meanwhile();
    }
    return settled;
  };
  const passwords = {
    ...deps.passwords,
    hash: (...args: Parameters<typeof deps.passwords.hash>) => once(deps.passwords.hash(...args)),
    verify: (...args: Parameters<typeof deps.passwords.verify>) =>
      once(deps.passwords.verify(...args)),
  };
  const app = createApp({ ...deps, passwords });
  const context = { waitUntil: () => {}, passThroughOnException: () => {}, props: {} };
  return (path: string, init: RequestInit) =>
    app.request(path, init, { clientAddress: HERE }, context);
}

describe('a reset', () => {
  test('[S17] ends a login that began before it with the old password', async () => {
    const room = await createMailRoom();
    const { password } = await room.newUser(EMAIL);
    const { tokens } = await room.ask(FORGOT, EMAIL);
    const ask = overtaken(room, () =>
      room.post(RESET, { token: tokens.reset, new_password: NEW_PASSWORD }),
    );
    const answer = await ask('/auth/login', form({ username: EMAIL, password }));
    expect(answer.status).toBe(400);
    expect(await room.db.select().from(sessions)).toEqual([]);
  });

  test('and a password change that began before it', async () => {
    const room = await createMailRoom();
    const { password, token } = await room.newUser(EMAIL);
    const { tokens } = await room.ask(FORGOT, EMAIL);
    const ask = overtaken(room, () =>
      room.post(RESET, { token: tokens.reset, new_password: NEW_PASSWORD }),
    );
    const change = { current_password: password, new_password: 'password of the thief' };
    const answer = await ask('/auth/password/change', json('POST', change, bearer(token)));
    expect(answer.status).toBe(401);
    expect(await room.logIn(EMAIL, NEW_PASSWORD)).toBe(200);
  });

  test('that began before a password change is rejected, as its link is void; another one replaces the password', async () => {
    const room = await createMailRoom({ NOTICES: 'off' });
    const { password, token } = await room.newUser(EMAIL);
    const { tokens } = await room.ask(FORGOT, EMAIL);
    const change = { current_password: password, new_password: 'password of the thief' };
    const ask = overtaken(room, () => room.post('/auth/password/change', change, bearer(token)));
    const body = { token: tokens.reset, new_password: NEW_PASSWORD };
    expect(await codeOf(await ask(RESET, json('POST', body)))).toBe('invalid_code');
    room.advance(60);
    const again = await room.ask(FORGOT, EMAIL);
    const other = { token: again.tokens.reset, new_password: NEW_PASSWORD };
    expect(await codeOf(await room.post(RESET, other))).toBe(204);
    expect(await room.db.select().from(sessions)).toEqual([]);
    expect(await room.logIn(EMAIL, NEW_PASSWORD)).toBe(200);
  });

  test.each([
    ['disabled', ({ db }: MailRoom) => db.update(users).set({ disabledAt: 1 })],
    ['deleted', ({ db }: MailRoom) => db.delete(users)],
    [
      'reset by another link',
      ({ post }: MailRoom, other: string | undefined) =>
        post(RESET, { token: other, new_password: 'store of a thousand' }),
    ],
  ])('changes and sends nothing if the account is %s meanwhile', async (title, meanwhile) => {
    const room = await createMailRoom();
    await room.newUser(EMAIL);
    const other = await room.ask(FORGOT, EMAIL);
    room.advance(60);
    const { tokens } = await room.ask(FORGOT, EMAIL);
    const ask = overtaken(room, () => meanwhile(room, other.tokens.reset));
    const body = { token: tokens.reset, new_password: NEW_PASSWORD };
    expect(await codeOf(await ask(RESET, json('POST', body)))).toBe('invalid_code');
    const notices = (await room.db.select().from(outbox)).filter(
      ({ kind }) => kind === 'reset_done',
    );
    expect(notices).toHaveLength(title.startsWith('reset') ? 1 : 0);
    await room.db.update(users).set({ disabledAt: null });
    expect(await room.logIn(EMAIL, NEW_PASSWORD)).toBe(400);
  });

  test('ends a login by code that began before it, or follows it', async () => {
    const room = await createMailRoom();
    await room.newVerifiedUser(EMAIL);
    const login = await room.ask('/auth/code', EMAIL);
    room.advance(60);
    const { tokens } = await room.ask(FORGOT, EMAIL);
    await Promise.all([
      room.post('/auth/code/login', { token: login.tokens.login }),
      room.post(RESET, { token: tokens.reset, new_password: NEW_PASSWORD }),
    ]);
    expect(await room.db.select().from(sessions)).toEqual([]);
  });
});

describe('[S58] if the session ends before the body arrives', () => {
  const endings: Readonly<Record<string, (room: MailRoom, token: string) => unknown>> = {
    logout: (room, token) => room.post('/auth/logout', undefined, bearer(token)),
    'a reset': async (room) => {
      const { tokens } = await room.ask(FORGOT, EMAIL, '198.51.100.1');
      await room.post(RESET, { token: tokens.reset, new_password: NEW_PASSWORD });
      await room.received();
    },
    'the account being disabled': ({ db }) => db.update(users).set({ disabledAt: 1 }),
    'the account being deleted': ({ db }) => db.delete(users),
  };

  test.each(Object.entries(endings))('by %s, no link and no code is issued', async (_, end) => {
    for (const [path, body] of [
      ['/auth/email/change', { email: 'thief@example.com' }],
      ['/auth/phone/change', { phone: '7760873976' }],
      ['/auth/verification', { channel: 'email' }],
    ] as const) {
      const room = await createMailRoom();
      const { token } = await room.newUser(EMAIL);
      const answer = await sendSlowly(room, ['POST', path], body, bearer(token), () =>
        end(room, token),
      );
      expect([path, await codeOf(answer)]).toEqual([path, 'invalid_token']);
      expect(await room.received()).toEqual([]);
      expect(await room.db.select().from(codes)).toEqual([]);
    }
  });

  test('no link is issued if the login stops to be recent', async () => {
    const room = await createMailRoom();
    const { token } = await room.newUser(EMAIL);
    const body = { email: 'thief@example.com' };
    const answer = await sendSlowly(room, ['POST', '/auth/email/change'], body, bearer(token), () =>
      room.advance(601),
    );
    expect(answer.status).toBe(401);
    expect(await room.received()).toEqual([]);
  });

  test.each(Object.entries(endings))('by %s, no number is changed', async (_, end) => {
    const room = await createMailRoom();
    const { token } = await room.newUser(EMAIL);
    await room.post('/auth/phone/change', { phone: '7760873976' }, bearer(token));
    const { code } = await room.message();
    const path = ['POST', '/auth/phone/confirm'] as const;
    const answer = await sendSlowly(room, path, { code }, bearer(token), () => end(room, token));
    expect(answer.status).toBeGreaterThanOrEqual(400);
    expect((await room.db.select().from(users)).map(({ phone }) => phone ?? null)).not.toContain(
      '7760873976',
    );
  });
});
