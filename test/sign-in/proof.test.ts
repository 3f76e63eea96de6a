import { eq, sql } from 'drizzle-orm';
import { expect, test } from 'vitest';
import { auditEvents, rateLimits, sessions } from '../../src/core/db/schema.ts';
import { eventsAt } from '../../src/features/audit/event.ts';
import type { Challenge, Proof, SecondFactor } from '../../src/features/sign-in/proof.ts';
import { createSignIn, isLogin } from '../../src/features/sign-in/service.ts';
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

/** An account that has no password. */
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

/** A proof by a one-time code, which its claim deletes. The code is a row of any table. */
async function proveByCode({ db, deps }: TestApp, user: User): Promise<Proof> {
  return {
    user,
    method: 'code',
    claim: db.delete(rateLimits).where(eq(rateLimits.key, CODE)).returning(),
    event: (session) => eventsAt(deps.clock)(CALLER, user.id, 'login', { detail: { session } }),
  };
}

const sendCode = ({ db }: TestApp) =>
  db.insert(rateLimits).values({ key: CODE, hits: 1, resetsAt: Number.MAX_SAFE_INTEGER });

const countOf = async ({ db }: TestApp) =>
  (await db.select({ count: sql<number>`count(*)` }).from(sessions))[0]?.count;

test('an account without a password has a session by a proof of its own, and no password opens it', async () => {
  const room = await createTestApp();
  const user = await insertUser(room);
  await sendCode(room);
  const login = await room.deps.signIn.signIn(await proveByCode(room, user), CALLER);
  if (!login || !isLogin(login)) throw new Error('the proof did not start a session');

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

test('of eight sign-ins at once by a proof that is good once, one starts a session and is recorded', async () => {
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

test('a second factor answers the proof with a challenge: no session starts, and the proof is not used up', async () => {
  const room = await createTestApp();
  const { config, db, clock, issuer } = room.deps;
  const user = await insertUser(room);
  await sendCode(room);
  const challenge: Challenge = { challenge: 'which of these', methods: ['totp'] };
  const factor: SecondFactor = {
    challengeOf: async ({ method }) => (method === 'code' ? challenge : undefined),
  };
  const store = createSignInStore(db, { lifetime: config.sessionLifetime, maxPerUser: 50 });
  const { signIn } = createSignIn({ config, clock, issuer, store, secondFactors: [factor] });
  const proof = await proveByCode(room, user);
  expect(await signIn(proof, CALLER)).toEqual(challenge);
  expect(await countOf(room)).toBe(0);
  expect(await signIn({ ...proof, method: 'passkey' }, CALLER)).toMatchObject({ user });
});
