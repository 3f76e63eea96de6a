import { eq } from 'drizzle-orm';
import { describe, expect, test } from 'vitest';
import { auditEvents, users } from '../../src/core/db/schema.ts';
import { bearer, createTestApp, form, json, newUser, type TestApp } from '../support/test-app.ts';

const MINUTE = 60;
const DAY = 86_400;

async function createRoom() {
  const room = await createTestApp();
  const account = await newUser(room.app);
  const tryPassword = async (password: string) => {
    const answer = await room.app.request(
      '/auth/login',
      form({ username: account.email, password }),
    );
    return { status: answer.status, text: await answer.text() };
  };
  return {
    ...room,
    account,
    tryPassword,
    fail: async (times: number) => {
      for (let i = 0; i < times; i++)
        expect((await tryPassword('wrong password')).status).toBe(400);
    },
    logsIn: async () => (await tryPassword(account.password)).status === 200,
    failures: async () => (await rowOf(room, account.id)).failedLogins,
  };
}

async function rowOf({ db }: TestApp, id: number) {
  const [row] = await db.select().from(users).where(eq(users.id, id));
  if (!row) throw new Error('there is no such user');
  return row;
}

async function newLogin({
  app,
  account,
}: TestApp & { account: { email: string; password: string } }) {
  const { email: username, password } = account;
  const answer = await app.request('/auth/login', form({ username, password }));
  return ((await answer.json()) as { access_token: string }).access_token;
}

const actionsOf = async ({ db }: TestApp) =>
  (await db.select({ action: auditEvents.action }).from(auditEvents)).map(({ action }) => action);

describe('[S13] lockout', () => {
  test('nine wrong passwords in a row have no effect; the tenth locks for a minute', async () => {
    const room = await createRoom();
    await room.fail(9);
    expect(await room.logsIn()).toBe(true);
    await room.fail(10);
    expect(await room.logsIn()).toBe(false);
    room.advance(MINUTE - 1);
    expect(await room.logsIn()).toBe(false);
    room.advance(1);
    expect(await room.logsIn()).toBe(true);
  });

  test('during a lock, the right password gets exactly the response of a wrong one', async () => {
    const room = await createRoom();
    await room.fail(10);
    const withoutId = (text: string) => text.replaceAll(/[0-9a-f-]{36}/g, '');
    const [right, wrong] = [
      await room.tryPassword(room.account.password),
      await room.tryPassword('no'),
    ];
    expect([right.status, withoutId(right.text)]).toEqual([wrong.status, withoutId(wrong.text)]);
  });

  test('attempts during a lock do not count, so a flood does not extend it', async () => {
    const room = await createRoom();
    await room.fail(10);
    await room.fail(30);
    expect(await room.failures()).toBe(10);
    room.advance(MINUTE);
    expect(await room.logsIn()).toBe(true);
  });

  test('each further wrong password doubles the lock, up to an hour', async () => {
    const room = await createRoom();
    await room.fail(9);
    for (const minutes of [1, 2, 4, 8, 16, 32, 60, 60, 60]) {
      await room.fail(1);
      room.advance(minutes * MINUTE - 1);
      expect([minutes, await room.logsIn()]).toEqual([minutes, false]);
      room.advance(1);
    }
    expect(await room.logsIn()).toBe(true);
  });

  test('a successful login resets the count: nine more failures have no effect', async () => {
    const room = await createRoom();
    await room.fail(10);
    room.advance(MINUTE);
    expect(await room.logsIn()).toBe(true);
    expect(await rowOf(room, room.account.id)).toMatchObject({
      failedLogins: 0,
      failingSince: null,
      lockedUntil: null,
    });
    await room.fail(9);
    expect(await room.logsIn()).toBe(true);
  });

  test('eighty in a row lock strangers out until a month after the first', async () => {
    const room = await createRoom();
    let elapsed = 0;
    for (let i = 0; i < 80; i++) {
      await room.fail(1);
      if (i < 9 || i === 79) continue;
      room.advance(3600);
      elapsed += 3600;
    }
    expect(await room.failures()).toBe(80);
    room.advance(30 * DAY - elapsed - 1);
    expect(await room.logsIn()).toBe(false);
    await room.fail(20);
    expect(await room.failures()).toBe(80);
    room.advance(1);
    await room.fail(1);
    expect(await room.failures()).toBe(1);
    expect(await room.logsIn()).toBe(true);
  });

  test('ten of many concurrent wrong passwords are counted, the others are locked out', async () => {
    const room = await createRoom();
    await Promise.all(Array.from({ length: 30 }, () => room.fail(1)));
    expect(await room.failures()).toBe(10);
    expect(await room.logsIn()).toBe(false);
  });

  test('a login that is in flight when the account is locked is rejected', async () => {
    const room = await createRoom();
    const { deps, db, account } = room;
    const verify = deps.passwords.verify;
    const passwords = {
      ...deps.passwords,
      verify: async (...args: Parameters<typeof verify>) => {
        const verdict = await verify(...args);
        const lockedUntil = deps.clock() + 1000;
        await db.update(users).set({ lockedUntil }).where(eq(users.id, account.id));
        return verdict;
      },
    };
    const { createApp } = await import('../../src/app.ts');
    const slow = createApp({ ...deps, passwords });
    const { email: username, password } = account;
    expect((await slow.request('/auth/login', form({ username, password }))).status).toBe(400);
  });

  test('existing sessions stay valid', async () => {
    const room = await createRoom();
    await room.fail(10);
    const headers = bearer(room.account.token);
    expect((await room.app.request('/profile/me', { headers })).status).toBe(200);
  });

  test('other accounts and unknown names are not affected', async () => {
    const room = await createRoom();
    const other = await newUser(room.app, 'grace@example.com');
    await room.fail(10);
    for (let i = 0; i < 12; i++) {
      const fields = { username: 'nobody@example.com', password: 'wrong password' };
      expect((await room.app.request('/auth/login', form(fields))).status).toBe(400);
    }
    const { email: username, password } = other;
    expect((await room.app.request('/auth/login', form({ username, password }))).status).toBe(200);
  });

  test('[S48] each lock is recorded once; attempts during a lock are not recorded', async () => {
    const room = await createRoom();
    await room.fail(12);
    room.advance(MINUTE);
    await room.fail(1);
    const actions = await actionsOf(room);
    expect(actions.filter((action) => action === 'lockout')).toHaveLength(2);
    expect(actions.filter((action) => action === 'login')).toHaveLength(1 + 11);
    room.advance(2 * MINUTE);
    expect(await room.logsIn()).toBe(true);
  });

  test('[S9] ten wrong current passwords in a row block only changes, until the next login', async () => {
    const room = await createRoom();
    const change = async (current_password: string, token = room.account.token) => {
      const body = { current_password, new_password: 'difference engine' };
      const init = json('POST', body, bearer(token));
      return (await room.app.request('/auth/password/change', init)).status;
    };
    for (let i = 0; i < 10; i++) expect(await change('wrong password')).toBe(400);
    room.advance(50 * MINUTE);
    expect(await change(room.account.password)).toBe(400);
    expect((await actionsOf(room)).filter((action) => action === 'lockout')).toHaveLength(1);
    expect(await room.failures()).toBe(0);
    expect(await room.logsIn()).toBe(true);
    const again = await newLogin(room);
    expect(await change(room.account.password, again)).toBe(200);
    expect(await rowOf(room, room.account.id)).toMatchObject({ changeFailures: 0 });
  });

  test('[S46] wrong passwords of strangers do not block changes by a logged-in user', async () => {
    const room = await createRoom();
    await room.fail(10);
    const body = { current_password: room.account.password, new_password: 'difference engine' };
    const init = json('POST', body, bearer(room.account.token));
    expect((await room.app.request('/auth/password/change', init)).status).toBe(200);
  });
});
