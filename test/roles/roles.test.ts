import { and, eq } from 'drizzle-orm';
import { decodeJwt } from 'jose';
import { describe, expect, test } from 'vitest';
import { userRoles } from '../../src/core/db/account-schema.ts';
import { users } from '../../src/core/db/schema.ts';
import { grant } from '../support/people.ts';
import { bearer, createTestApp, form, json, newUser } from '../support/test-app.ts';

interface Tokens {
  readonly access_token: string;
  readonly refresh_token: string;
}

/** An app with two accounts, and the ways to get an access token. */
async function open() {
  const room = await createTestApp();
  const { app } = room;
  const ada = await newUser(app, 'ada@example.com');
  const eve = await newUser(app, 'eve@example.com');
  const tokens = async (answer: Response | Promise<Response>) =>
    (await (await answer).json()) as Tokens;
  const logIn = async () =>
    tokens(app.request('/auth/login', form({ username: ada.email, password: ada.password })));
  const refresh = async (refresh_token: string) =>
    tokens(app.request('/auth/refresh', json('POST', { refresh_token })));
  const reauthenticate = async (token: string) =>
    tokens(
      app.request(
        '/auth/reauthenticate',
        json('POST', { method: 'password', password: ada.password }, bearer(token)),
      ),
    );
  const session = async (token: string) => {
    const answer = await app.request('/auth/session', { headers: bearer(token) });
    return { status: answer.status, body: (await answer.json()) as Record<string, unknown> };
  };
  return { ...room, ada, eve, logIn, refresh, reauthenticate, session };
}

const rolesOf = ({ access_token }: Tokens) => decodeJwt(access_token).roles;

describe('the claim `roles`', () => {
  test('has the roles at the login, the refresh and the re-authentication, in alphabetical order', async () => {
    const { db, ada, logIn, refresh, reauthenticate } = await open();
    for (const role of ['zeta', 'admin', 'm_1', '0-x']) await grant(db, ada.id, role);
    const first = await logIn();
    expect(rolesOf(first)).toEqual(['0-x', 'admin', 'm_1', 'zeta']);
    const second = await refresh(first.refresh_token);
    expect(rolesOf(second)).toEqual(['0-x', 'admin', 'm_1', 'zeta']);
    expect(rolesOf(await reauthenticate(second.access_token))).toEqual([
      '0-x',
      'admin',
      'm_1',
      'zeta',
    ]);
  });

  test('has no role of another account', async () => {
    const { db, ada, eve, logIn, refresh, reauthenticate } = await open();
    await grant(db, eve.id, 'admin');
    const first = await logIn();
    const second = await refresh(first.refresh_token);
    const third = await reauthenticate(second.access_token);
    for (const tokens of [first, second, third]) {
      expect(decodeJwt(tokens.access_token)).not.toHaveProperty('roles');
    }
    await grant(db, ada.id, 'editor');
    const fourth = await refresh(second.refresh_token);
    expect(rolesOf(fourth)).toEqual(['editor']);
    expect(rolesOf(await reauthenticate(fourth.access_token))).toEqual(['editor']);
    expect(rolesOf(await logIn())).toEqual(['editor']);
  });

  test('changes with the next refresh when a role was granted or taken away', async () => {
    const { db, ada, logIn, refresh } = await open();
    const first = await logIn();
    await grant(db, ada.id, 'editor');
    const second = await refresh(first.refresh_token);
    expect(rolesOf(second)).toEqual(['editor']);
    await db
      .delete(userRoles)
      .where(and(eq(userRoles.userId, ada.id), eq(userRoles.role, 'editor')));
    const third = await refresh(second.refresh_token);
    expect(decodeJwt(third.access_token)).not.toHaveProperty('roles');
  });

  test('with 20 roles of 32 characters fits a token that every operation accepts', async () => {
    const { db, ada, logIn, refresh, session } = await open();
    const roles = Array.from({ length: 20 }, (_, i) => `${i}`.padStart(32, 'r'));
    for (const role of roles) await grant(db, ada.id, role);
    for (const tokens of [await logIn(), await refresh((await logIn()).refresh_token)]) {
      expect(rolesOf(tokens)).toEqual([...roles].sort());
      // Servers accept 8 KB of header fields at least.
      expect(tokens.access_token.length).toBeLessThan(2048);
      expect((await session(tokens.access_token)).body.roles).toEqual([...roles].sort());
    }
  });
});

describe('GET /auth/session', () => {
  test('answers the session, its user and the roles as they are now, whatever the token says', async () => {
    const { db, ada, eve, logIn, session } = await open();
    await grant(db, eve.id, 'admin');
    const { access_token } = await logIn();
    const { sid } = decodeJwt(access_token);
    expect(await session(access_token)).toMatchObject({
      status: 200,
      body: { id: sid, amr: ['pwd'], roles: [], user: { id: ada.id, email: ada.email } },
    });
    for (const role of ['support', 'b', 'a']) await grant(db, ada.id, role);
    expect((await session(access_token)).body.roles).toEqual(['a', 'b', 'support']);
    await db.delete(userRoles).where(eq(userRoles.userId, ada.id));
    expect((await session(access_token)).body.roles).toEqual([]);
  });

  test('answers 401 without a token, after a logout, and for a disabled account', async () => {
    const { app, db, ada, logIn, session } = await open();
    expect((await app.request('/auth/session')).status).toBe(401);
    const { access_token } = await logIn();
    await app.request('/auth/logout', json('POST', {}, bearer(access_token)));
    expect(await session(access_token)).toMatchObject({
      status: 401,
      body: { code: 'invalid_token' },
    });
    await db.update(users).set({ disabledAt: 1 }).where(eq(users.id, ada.id));
    expect((await session(ada.token)).status).toBe(401);
  });

  test('the roles of an account are deleted with it', async () => {
    const { app, db, ada } = await open();
    await grant(db, ada.id, 'editor');
    await app.request('/profile/me', { method: 'DELETE', headers: bearer(ada.token) });
    expect(await db.select().from(userRoles)).toEqual([]);
  });
});
