import { and, eq, sql } from 'drizzle-orm';
import { describe, expect, test } from 'vitest';
import { knownNetworks } from '../../src/core/db/account-schema.ts';
import { ifChanged } from '../../src/core/db/change.ts';
import { auditEvents, rateLimits, sessions, users } from '../../src/core/db/schema.ts';
import { eventsAt } from '../../src/features/audit/event.ts';
import type { Challenge, Proof, SecondFactor } from '../../src/features/sign-in/proof.ts';
import { createSignIn, loginOf } from '../../src/features/sign-in/service.ts';
import { createSignInStore } from '../../src/features/sign-in/store.ts';
import type { User } from '../../src/features/users/user.ts';
import { bearer, createTestApp, json, type TestApp } from '../support/test-app.ts';

const CALLER = {
  requestId: 'a request',
  address: '203.0.113.7',
  network: '203.0.113.7',
  userAgent: 'a phone',
};
const CODE = 'a code that works once';

/** Creates an account without a password. */
const insertUser = ({ deps }: TestApp): Promise<User> =>
  deps.users.insert(
    {
      email: { entered: 'ada@example.com', normalized: 'ada@example.com' },
      phone: null,
      passwordHash: null,
      name: null,
    },
    eventsAt(deps.clock)(CALLER, null, 'signup'),
  );

/** Creates a proof by a one-time code. Its claim deletes the code, which is a row of an arbitrary table. */
async function proveByCode({ db, deps }: TestApp, user: User): Promise<Proof> {
  return {
    user,
    method: 'code',
    claims: [db.delete(rateLimits).where(eq(rateLimits.key, CODE)).returning()],
    event: (session) => eventsAt(deps.clock)(CALLER, user.id, 'login', { detail: { session } }),
  };
}

const sendCode = ({ db }: TestApp) =>
  db.insert(rateLimits).values({ key: CODE, hits: 1, resetsAt: Number.MAX_SAFE_INTEGER });

const countOf = async ({ db }: TestApp) =>
  (await db.select({ count: sql<number>`count(*)` }).from(sessions))[0]?.count;

test('an account without a password can start a session with a proof of another method, but not with a password', async () => {
  const room = await createTestApp();
  const user = await insertUser(room);
  await sendCode(room);
  const outcome = await room.deps.signIn.signIn(await proveByCode(room, user), CALLER);
  const login = loginOf(outcome, 'internal_error');

  const profile = await room.app.request('/profile/me', { headers: bearer(login.accessToken) });
  expect([profile.status, await profile.json()]).toMatchObject([200, { id: user.id }]);
  const list = await room.app.request('/auth/sessions', { headers: bearer(login.accessToken) });
  expect(await list.json()).toMatchObject({
    sessions: [{ method: 'code', user_agent: 'a phone' }],
  });
  const refresh = json('POST', { refresh_token: login.refreshToken });
  expect((await room.app.request('/auth/refresh', refresh)).status).toBe(200);

  const body = new URLSearchParams({ username: 'ada@example.com', password: 'analytical engine' });
  expect((await room.app.request('/auth/login', { method: 'POST', body })).status).toBe(400);
});

test('[S59] of eight concurrent sign-ins with a single-use proof, one starts a session and is recorded', async () => {
  const room = await createTestApp();
  const user = await insertUser(room);
  await sendCode(room);
  const proof = await proveByCode(room, user);
  const outcomes = await Promise.all(
    Array.from({ length: 8 }, () => room.deps.signIn.signIn(proof, CALLER)),
  );
  expect(outcomes.filter((outcome) => outcome !== undefined)).toHaveLength(1);
  expect(await countOf(room)).toBe(1);
  const logins = await room.db.select().from(auditEvents).where(eq(auditEvents.action, 'login'));
  expect(logins).toHaveLength(1);
});

test.each([
  ['disabled', ({ db, deps }: TestApp) => db.update(users).set({ disabledAt: deps.clock() })],
  ['deleted', ({ db }: TestApp) => db.delete(users)],
])(
  'a proof of an account that was %s after the verification starts no session and records nothing',
  async (_, end) => {
    const room = await createTestApp();
    const user = await insertUser(room);
    await sendCode(room);
    const proof = await proveByCode(room, user);
    await end(room);
    const networks = await room.db.select().from(knownNetworks);
    expect(await room.deps.signIn.signIn(proof, { ...CALLER, network: '198.51.100.9' })).toBe(
      undefined,
    );
    expect(await countOf(room)).toBe(0);
    expect(await room.db.select().from(knownNetworks)).toEqual(networks);
    const events = await room.db.select({ action: auditEvents.action }).from(auditEvents);
    expect(events).toEqual([{ action: 'signup' }]);
  },
);

describe('a proof with two claims', () => {
  const HASH = 'the hash that was verified';

  /** The first claim checks that the password is still the verified one. The second consumes the code. */
  async function proveTwice(room: TestApp): Promise<Proof> {
    const { db } = room;
    const user = await insertUser(room);
    await db.update(users).set({ passwordHash: HASH });
    const isVerified = and(eq(users.id, user.id), eq(users.passwordHash, HASH));
    return {
      ...(await proveByCode(room, user)),
      claims: [
        db.update(users).set({ passwordHash: HASH }).where(isVerified).returning({ id: users.id }),
        ifChanged((hasChanged) =>
          db
            .delete(rateLimits)
            .where(and(eq(rateLimits.key, CODE), hasChanged))
            .returning({ key: rateLimits.key }),
        ),
      ],
    };
  }

  const codes = ({ db }: TestApp) => db.select().from(rateLimits);

  test('starts one session if both hold', async () => {
    const room = await createTestApp();
    const proof = await proveTwice(room);
    await sendCode(room);
    const outcomes = await Promise.all([1, 2, 3].map(() => room.deps.signIn.signIn(proof, CALLER)));
    expect(outcomes.filter((outcome) => outcome !== undefined)).toHaveLength(1);
    expect([await countOf(room), await codes(room)]).toEqual([1, []]);
  });

  test('starts no session and consumes no code if the first claim no longer holds', async () => {
    const room = await createTestApp();
    const proof = await proveTwice(room);
    await sendCode(room);
    await room.db.update(users).set({ passwordHash: 'another' });
    expect(await room.deps.signIn.signIn(proof, CALLER)).toBe(undefined);
    expect([await countOf(room), await codes(room)]).toMatchObject([0, [{ key: CODE }]]);
  });

  test('starts no session if the second claim does not hold', async () => {
    const room = await createTestApp();
    expect(await room.deps.signIn.signIn(await proveTwice(room), CALLER)).toBe(undefined);
    expect(await countOf(room)).toBe(0);
  });
});

test('a second factor returns a challenge for the proof: no session starts, and the proof is not consumed', async () => {
  const room = await createTestApp();
  const { config, db, clock, meter, issuer, deviceTokens, notices } = room.deps;
  const user = await insertUser(room);
  await sendCode(room);
  const challenge: Challenge = { challenge: 'which of these', methods: ['totp'] };
  const factor: SecondFactor = {
    challengeOf: async ({ method }) => (method === 'code' ? challenge : undefined),
  };
  const store = createSignInStore(db, { lifetime: config.sessionLifetime, maxPerUser: 50 });
  const { signIn } = createSignIn({
    ...{ config, clock, meter, issuer, store, deviceTokens, notices },
    secondFactors: [factor],
  });
  const proof = await proveByCode(room, user);
  expect(await signIn(proof, CALLER)).toEqual(challenge);
  expect(await countOf(room)).toBe(0);
  expect(await signIn({ ...proof, method: 'passkey' }, CALLER)).toMatchObject({ user });
});
