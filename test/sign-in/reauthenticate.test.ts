// A proof of the user of a live session sets its authentication time.
import { eq } from 'drizzle-orm';
import { decodeJwt } from 'jose';
import { describe, expect, test } from 'vitest';
import { knownNetworks } from '../../src/core/db/account-schema.ts';
import { onlyIf } from '../../src/core/db/change.ts';
import { auditEvents, rateLimits, sessions, users } from '../../src/core/db/schema.ts';
import { eventsAt } from '../../src/features/audit/event.ts';
import type { Proof } from '../../src/features/sign-in/proof.ts';
import { bearer, createTestApp, form, json, newUser, type TestApp } from '../support/test-app.ts';

const CALLER = { requestId: 'a request', address: null, network: null, userAgent: null };
const CODE = 'a code that works once';

/** A user with two sessions, whose code is a row of any table. The clock has moved since. */
async function createRoom(secondFactors: Parameters<typeof createTestApp>[2] = []) {
  const room = await createTestApp({}, {}, secondFactors);
  const { app, db, deps } = room;
  const { id, email, password } = await newUser(app);
  const login = await app.request('/auth/login', form({ username: email, password }));
  const tokens = (await login.json()) as { access_token: string; refresh_token: string };
  const sessionId = String(decodeJwt(tokens.access_token).sid);
  const user = (await deps.credentials.findById(id))?.user;
  if (!user) throw new Error('no user');
  await db.insert(rateLimits).values({ key: CODE, hits: 1, resetsAt: 0 });
  await db.delete(auditEvents);
  room.advance(3600);
  const proof: Proof = {
    user,
    method: 'code',
    claims: [db.delete(rateLimits).where(eq(rateLimits.key, CODE)).returning()],
    event: (session) => eventsAt(deps.clock)(CALLER, id, 'reauthenticate', { detail: { session } }),
    consequences: (_, isProved) => [
      onlyIf(isProved, (holds) => db.update(users).set({ bio: 'proved' }).where(holds)),
    ],
  };
  return { ...room, user, sessionId, tokens, proof };
}

type Room = Awaited<ReturnType<typeof createRoom>>;

const authTimes = async ({ db }: TestApp, sessionId: string) =>
  (await db.select().from(sessions)).map(({ id, authTime }) => [id === sessionId, authTime]);
const events = async ({ db }: TestApp) =>
  (await db.select().from(auditEvents)).map(({ action, detail }) => [action, detail]);
const bioOf = async ({ db }: TestApp) => (await db.select().from(users))[0]?.bio;

/** Expects that a proof has changed nothing but what its own claim changes. */
async function expectNothing(room: Room, before: unknown): Promise<void> {
  expect(await authTimes(room, room.sessionId)).toEqual(before);
  expect(await events(room)).toEqual([]);
  expect(await bioOf(room)).not.toBe('proved');
}

describe('SignIn.reauthenticate', () => {
  test('sets the time of this session alone and returns its current refresh token', async () => {
    const room = await createRoom();
    const { deps, app, sessionId, user, tokens, proof } = room;
    const { authTime } = (await room.db.select().from(sessions))[0] ?? {};
    const login = await deps.signIn.reauthenticate(sessionId, proof, CALLER);
    expect(login).toMatchObject({ user: { id: user.id }, refreshToken: tokens.refresh_token });
    const { auth_time, sid, iat } = decodeJwt(login?.accessToken ?? '');
    expect([auth_time, sid, iat]).toEqual([deps.clock() / 1000, sessionId, auth_time]);
    const times = await authTimes(room, sessionId);
    expect(times.toSorted()).toEqual([
      [false, authTime],
      [true, deps.clock()],
    ]);
    expect(await events(room)).toEqual([
      ['reauthenticate', JSON.stringify({ session: sessionId })],
    ]);
    expect(await bioOf(room)).toBe('proved');
    for (const token of [tokens.access_token, login?.accessToken ?? '']) {
      expect((await app.request('/profile/me', { headers: bearer(token) })).status).toBe(200);
    }
  });

  test('returns the newest refresh token, and no refresh changes the time', async () => {
    const room = await createRoom();
    const { app, deps, sessionId, tokens, proof } = room;
    const refresh = async (refresh_token: string) => {
      const answer = await app.request('/auth/refresh', json('POST', { refresh_token }));
      return (await answer.json()) as Room['tokens'];
    };
    const rotated = await refresh(tokens.refresh_token);
    const login = await deps.signIn.reauthenticate(sessionId, proof, CALLER);
    expect(login?.refreshToken).toBe(rotated.refresh_token);
    const start = deps.clock() / 1000;
    room.advance(3600);
    const next = await refresh(rotated.refresh_token);
    expect(decodeJwt(next.access_token)).toMatchObject({ auth_time: start, iat: start + 3600 });
  });

  test('asks for no second factor, which the session has passed', async () => {
    let isRequired = false;
    const room = await createRoom([
      {
        challengeOf: async () =>
          isRequired ? { challenge: 'which of these', methods: ['totp'] } : undefined,
      },
    ]);
    isRequired = true;
    const { sessionId, proof, deps } = room;
    expect(await deps.signIn.reauthenticate(sessionId, proof, CALLER)).toMatchObject({
      user: { id: room.user.id },
    });
  });

  test('[S59] of eight at once by a proof that is valid once, one succeeds and is recorded', async () => {
    const { deps, sessionId, proof, ...room } = await createRoom();
    const outcomes = await Promise.all(
      Array.from({ length: 8 }, () => deps.signIn.reauthenticate(sessionId, proof, CALLER)),
    );
    expect(outcomes.filter((outcome) => outcome !== undefined)).toHaveLength(1);
    expect(await room.db.select().from(auditEvents)).toHaveLength(1);
  });

  test.each([
    ['the proof is used up', ({ db }: Room) => db.delete(rateLimits)],
    ['the session has ended', ({ db, sessionId }: Room) => endSession(db, sessionId)],
    ['the session has expired', ({ advance }: Room) => advance(400 * 86_400)],
    ['the user is disabled', ({ db }: Room) => db.update(users).set({ disabledAt: 1 })],
    ['the user is deleted', ({ db }: Room) => db.delete(users)],
  ])('[S62] changes nothing and records nothing if %s', async (_, meanwhile) => {
    const room = await createRoom();
    await meanwhile(room);
    const before = await authTimes(room, room.sessionId);
    const outcome = await room.deps.signIn.reauthenticate(room.sessionId, room.proof, CALLER);
    expect(outcome).toBe(undefined);
    await expectNothing(room, before);
  });

  test('[S62] changes nothing in the session of another user', async () => {
    const room = await createRoom();
    const { token } = await newUser(room.app, 'eve@example.com');
    await room.db.delete(auditEvents);
    const before = await authTimes(room, room.sessionId);
    const sessionOfEve = String(decodeJwt(token).sid);
    expect(await room.deps.signIn.reauthenticate(sessionOfEve, room.proof, CALLER)).toBe(undefined);
    await expectNothing(room, before);
  });

  test('makes the network known to the account, and records one that is new', async () => {
    const room = await createRoom();
    const { db, deps, sessionId, user } = room;
    const at = deps.clock();
    const known = { userId: user.id, network: '203.0.113.7', lastSeenAt: at, lastLoginAt: at };
    await db.insert(knownNetworks).values(known);
    const caller = { ...CALLER, network: '198.51.100.9', address: '198.51.100.9' };
    await deps.signIn.reauthenticate(sessionId, room.proof, caller);
    expect(await db.select().from(knownNetworks)).toContainEqual({
      ...known,
      network: caller.network,
    });
    expect((await events(room)).map(([action]) => action)).toEqual([
      'reauthenticate',
      'new_network',
    ]);
  });
});

const endSession = (db: TestApp['db'], id: string) =>
  db.delete(sessions).where(eq(sessions.id, id));
