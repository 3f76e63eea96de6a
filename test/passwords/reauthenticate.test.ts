import { eq } from 'drizzle-orm';
import { decodeJwt } from 'jose';
import { describe, expect, test } from 'vitest';
import { createApp, featuresOf } from '../../src/app.ts';
import { loginFailures } from '../../src/core/db/account-schema.ts';
import { auditEvents, sessions, users } from '../../src/core/db/schema.ts';
import { createPasswordHasher } from '../../src/features/passwords/password-hash.ts';
import { createPasswordReauthentication } from '../../src/features/passwords/reauthenticate.ts';
import { reauthenticationFeature } from '../../src/features/reauthentication/routes.ts';
import type { OwnSession, Reauthentication } from '../../src/features/sign-in/reauthentication.ts';
import { DEMO_USER } from '../../src/features/sign-up/demo-user.ts';
import { bearer, createTestApp, form, json, newUser, type TestApp } from '../support/test-app.ts';

const PASSWORD = 'analytical engine';
const PATH = '/auth/reauthenticate';

interface Tokens {
  readonly access_token: string;
  readonly refresh_token: string;
}

/** A logged-in user, an hour after the login. */
async function createRoom() {
  const room = await createTestApp();
  const { id, email } = await newUser(room.app);
  const login = await room.app.request(
    '/auth/login',
    form({ username: email, password: PASSWORD }),
  );
  const tokens = (await login.json()) as Tokens;
  const ask = (body: unknown, app = room.app, token = tokens.access_token) =>
    app.request(PATH, json('POST', body, bearer(token)));
  room.advance(3600);
  return { ...room, id, email, tokens, ask, sessionId: String(decodeJwt(tokens.access_token).sid) };
}

type Room = Awaited<ReturnType<typeof createRoom>>;

const resultOf = async (answer: Response) => [
  answer.status,
  ((await answer.json()) as { code?: unknown }).code,
];

const rowOf = async ({ db, id }: Room) =>
  (await db.select().from(users).where(eq(users.id, id)))[0];

const authTimeOf = async ({ db, sessionId }: Room) =>
  (await db.select().from(sessions).where(eq(sessions.id, sessionId)))[0]?.authTime;

/** The events of re-authentications and locks. */
const eventsOf = async ({ db }: TestApp) =>
  (await db.select().from(auditEvents))
    .filter(({ action }) => ['reauthenticate', 'lockout'].includes(action))
    .map(({ action, outcome }) => `${action} ${outcome}`);

/** The app, which does something else after the first verification of a password. */
function overtaken({ deps }: TestApp, meanwhile: () => unknown) {
  let isFirst = true;
  const passwords = {
    ...deps.passwords,
    verify: async (...args: Parameters<typeof deps.passwords.verify>) => {
      const match = await deps.passwords.verify(...args);
      if (isFirst) {
        isFirst = false;
        await meanwhile();
      }
      return match;
    },
  };
  return createApp({ ...deps, passwords });
}

describe('POST /auth/reauthenticate', () => {
  test('[S62] with the password answers tokens of the same session and resets failures', async () => {
    const room = await createRoom();
    const { db, deps, id, tokens, ask, sessionId } = room;
    expect((await ask({ password: 'wrong password' })).status).toBe(400);
    const failure = { userId: id, network: '', failures: 3, failingSince: deps.clock() };
    await db.insert(loginFailures).values(failure);

    const answer = await ask({ password: PASSWORD });
    expect(answer.status).toBe(200);
    const { access_token, ...rest } = (await answer.json()) as Tokens;
    expect(rest).toEqual({
      token_type: 'bearer',
      device_token: expect.any(String),
      expires_in: 3600,
      refresh_token: tokens.refresh_token,
    });
    const time = deps.clock() / 1000;
    expect(decodeJwt(access_token)).toMatchObject({ sid: sessionId, auth_time: time, iat: time });
    expect(await authTimeOf(room)).toBe(deps.clock());
    expect(await rowOf(room)).toMatchObject({ changeFailures: 0 });
    expect(await db.select().from(loginFailures)).toEqual([]);
    expect(await eventsOf(room)).toEqual(['reauthenticate failure', 'reauthenticate success']);
  });

  test('[S9] ten wrong passwords lock re-authentications and password changes alike', async () => {
    const room = await createRoom();
    const { ask, app, tokens, email } = room;
    const change = { current_password: 'wrong password', new_password: 'difference engine' };
    const changing = json('POST', change, bearer(tokens.access_token));
    for (let i = 0; i < 5; i++) {
      expect((await app.request('/auth/password/change', changing)).status).toBe(400);
      expect(await resultOf(await ask({ password: 'wrong password' }))).toEqual([
        400,
        'wrong_current_password',
      ]);
    }
    expect(await rowOf(room)).toMatchObject({ changeFailures: 10 });
    const before = await authTimeOf(room);
    expect(await resultOf(await ask({ password: PASSWORD }))).toEqual([
      400,
      'wrong_current_password',
    ]);
    expect(await authTimeOf(room)).toBe(before);
    expect((await eventsOf(room)).filter((event) => event === 'lockout success')).toHaveLength(1);
    // A login ends the lock.
    const login = form({ username: email, password: PASSWORD });
    expect((await app.request('/auth/login', login)).status).toBe(200);
    expect((await ask({ password: PASSWORD })).status).toBe(200);
  });

  test('an account without a password cannot re-authenticate by one', async () => {
    const room = await createRoom();
    await room.db.update(users).set({ passwordHash: null });
    expect(await resultOf(await room.ask({ password: PASSWORD }))).toEqual([
      400,
      'wrong_current_password',
    ]);
  });

  test('[S50] the public password of a disabled demo user is rejected', async () => {
    const room = await createRoom();
    const passwordHash = await createPasswordHasher(1).hash(DEMO_USER.password);
    await room.db.update(users).set({ passwordHash });
    expect(await resultOf(await room.ask({ password: DEMO_USER.password }))).toEqual([
      400,
      'wrong_current_password',
    ]);
  });

  test.each([
    [{}, '#/password', 'required'],
    [{ password: PASSWORD, code: '123456' }, '#/code', 'ambiguous'],
    [{ password: null }, '#/password', 'wrong_type'],
    [{ password: '' }, '#/password', 'too_short'],
    [{ code: 123456 }, '#/code', 'wrong_type'],
    [{ code: '12345' }, '#/code', 'malformed_code'],
    [{ code: '1234567' }, '#/code', 'malformed_code'],
    [{ code: '123456\n' }, '#/code', 'malformed_code'],
    [{ code: '١٢٣٤٥٦' }, '#/code', 'malformed_code'],
  ])('answers 422 to %j', async (body, pointer, code) => {
    const answer = await (await createRoom()).ask(body);
    expect(answer.status).toBe(422);
    expect(await answer.json()).toMatchObject({ errors: [{ pointer, code }] });
  });

  test('answers 400 invalid_code to any code as long as none is sent', async () => {
    const room = await createRoom();
    expect(await resultOf(await room.ask({ code: '000000' }))).toEqual([400, 'invalid_code']);
    expect(await rowOf(room)).toMatchObject({ changeFailures: 0 });
  });

  test('passes a code, the session and its user to the method of codes', async () => {
    const room = await createRoom();
    const { deps, id, sessionId } = room;
    const seen: [OwnSession, Reauthentication][] = [];
    const feature = reauthenticationFeature({
      password: createPasswordReauthentication(deps),
      code: async (session, proof, caller) => {
        seen.push([session, proof]);
        const password = { ...proof, secret: PASSWORD };
        const login = await createPasswordReauthentication(deps)(session, password, caller);
        return login;
      },
    });
    const others = featuresOf(deps).filter((each) => each.jobs !== undefined);
    const app = createApp(deps, [...others, feature]);
    expect((await room.ask({ code: '024681' }, app)).status).toBe(200);
    expect(seen).toMatchObject([[{ user: { id }, sessionId }, { secret: '024681' }]]);
  });
});

describe('what happens while the password is verified', () => {
  test('[S62] after a password change the answer is 401 invalid_token', async () => {
    const room = await createRoom();
    const change = { current_password: PASSWORD, new_password: 'difference engine' };
    const app = overtaken(room, () =>
      room.app.request(
        '/auth/password/change',
        json('POST', change, bearer(room.tokens.access_token)),
      ),
    );
    expect(await resultOf(await room.ask({ password: PASSWORD }, app))).toEqual([
      401,
      'invalid_token',
    ]);
    expect(await eventsOf(room)).toEqual([]);
    expect(await rowOf(room)).toMatchObject({ changeFailures: 0 });
  });

  test.each([
    ['the session ends', ({ db }: Room) => db.delete(sessions)],
    ['the user is disabled', ({ db }: Room) => db.update(users).set({ disabledAt: 1 })],
    ['the user is deleted', ({ db }: Room) => db.delete(users)],
  ])('[S62] if %s the answer is 401 invalid_token', async (_, meanwhile) => {
    const room = await createRoom();
    const app = overtaken(room, () => meanwhile(room));
    expect(await resultOf(await room.ask({ password: PASSWORD }, app))).toEqual([
      401,
      'invalid_token',
    ]);
    expect(await eventsOf(room)).toEqual([]);
  });

  test('a hash that a login replaces meanwhile does not make the password wrong', async () => {
    const room = await createRoom();
    const app = overtaken(room, async () => {
      const passwordHash = await createPasswordHasher(2).hash(PASSWORD);
      await room.db.update(users).set({ passwordHash });
    });
    expect((await room.ask({ password: PASSWORD }, app)).status).toBe(200);
    expect(await eventsOf(room)).toEqual(['reauthenticate success']);
  });

  test('[S9] a lock that begins meanwhile rejects the correct password', async () => {
    const room = await createRoom();
    const before = await authTimeOf(room);
    const app = overtaken(room, async () => {
      for (let i = 0; i < 10; i++) await room.ask({ password: 'wrong password' });
    });
    expect(await resultOf(await room.ask({ password: PASSWORD }, app))).toEqual([
      400,
      'wrong_current_password',
    ]);
    expect(await authTimeOf(room)).toBe(before);
    expect(await rowOf(room)).toMatchObject({ changeFailures: 10 });
  });

  test('of a refresh and a re-authentication at once, both return valid tokens', async () => {
    const room = await createRoom();
    const { app, tokens } = room;
    const refreshing = json('POST', { refresh_token: tokens.refresh_token });
    let refreshed: Tokens | undefined;
    const racing = overtaken(room, async () => {
      refreshed = (await (await app.request('/auth/refresh', refreshing)).json()) as Tokens;
    });
    const answer = await room.ask({ password: PASSWORD }, racing);
    const { refresh_token } = (await answer.json()) as Tokens;
    expect(refresh_token).toBe(refreshed?.refresh_token);
    const next = await app.request('/auth/refresh', json('POST', { refresh_token }));
    expect(decodeJwt(((await next.json()) as Tokens).access_token).auth_time).toBe(
      room.deps.clock() / 1000,
    );
  });
});
