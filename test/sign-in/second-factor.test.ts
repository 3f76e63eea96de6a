// Tests today's operations for an account that has a second factor.
import { eq } from 'drizzle-orm';
import { describe, expect, test } from 'vitest';
import { auditEvents, sessions, users } from '../../src/core/db/schema.ts';
import { eventsAt } from '../../src/features/audit/event.ts';
import { createPasswordLogIn } from '../../src/features/passwords/log-in.ts';
import type { Challenge, Proof, SecondFactor } from '../../src/features/sign-in/proof.ts';
import { createVerificationService } from '../../src/features/verification/service.ts';
import { createVerificationStore } from '../../src/features/verification/store.ts';
import { bearer, createTestApp, form, json, newUser } from '../support/test-app.ts';

const CHALLENGE: Challenge = { challenge: 'which of these', methods: ['totp'] };
const CALLER = { requestId: 'a request', address: null, network: null, userAgent: null };
const PHONE = '+919876543210';
const PASSWORD = 'analytical engine';

/** Creates an app whose second factor challenges every sign-in after `require` is called. */
async function createRoom() {
  let isRequired = false;
  const factor: SecondFactor = { challengeOf: async () => (isRequired ? CHALLENGE : undefined) };
  const room = await createTestApp({}, {}, [factor]);
  return {
    ...room,
    require: () => {
      isRequired = true;
    },
  };
}

const LOG_IN = form({ username: 'ada@example.com', password: PASSWORD });

describe('with a second factor', () => {
  test('POST /auth/password/change changes the password of a live session without a challenge', async () => {
    const { app, db, require } = await createRoom();
    const { token, password } = await newUser(app);
    require();
    const change = { current_password: password, new_password: 'difference engine' };
    const changed = await app.request('/auth/password/change', json('POST', change, bearer(token)));
    expect(changed.status).toBe(200);
    const { access_token: fresh } = (await changed.json()) as { access_token: string };
    const statuses = [token, fresh].map(
      async (each) => (await app.request('/profile/me', { headers: bearer(each) })).status,
    );
    expect(await Promise.all(statuses)).toEqual([401, 200]);
    expect(await db.select({ failures: users.changeFailures }).from(users)).toEqual([
      { failures: 0 },
    ]);
  });

  test('a login with the correct password returns a challenge: no session, no failure, no event', async () => {
    const { app, db, deps, require } = await createRoom();
    await newUser(app);
    await db.delete(sessions);
    await db.delete(auditEvents);
    require();
    const verification = createVerificationService({
      ...deps,
      verifications: createVerificationStore(deps),
    });
    const passwordLogIn = createPasswordLogIn({ ...deps, verification });
    const requester = { caller: CALLER, locale: 'en', later: () => {} } as const;
    const logIn = (username: string) =>
      passwordLogIn.logIn({ username, password: PASSWORD }, requester);
    expect(await logIn('ada@example.com')).toEqual(CHALLENGE);
    expect(await logIn('nobody@example.com')).toBe(undefined);
    expect(await db.select().from(sessions)).toEqual([]);
    expect(await db.select().from(auditEvents)).toEqual([]);
    expect(await db.select({ failures: users.failedLogins }).from(users)).toEqual([
      { failures: 0 },
    ]);
  });

  test.each([
    ['POST /auth/login', '/auth/login', LOG_IN],
    [
      'POST /api/v1/auth/login',
      '/api/v1/auth/login',
      json('POST', { email: 'ada@example.com', password: PASSWORD }),
    ],
    [
      'POST /api/v1/auth/signup',
      '/api/v1/auth/signup',
      json('POST', { phone: PHONE, password: PASSWORD }),
    ],
  ])(
    '%s, whose contract has no response for a challenge, returns 500 and logs the reason',
    async (_, path, init) => {
      const { app, logs, require } = await createRoom();
      await newUser(app);
      require();
      const answer = await app.request(path, init);
      expect([answer.status, await answer.json()]).toMatchObject([500, { code: 'internal_error' }]);
      expect(logs.join('\n')).toContain('no operation answers the challenge for totp');
    },
  );
});

describe('SignIn.restart', () => {
  test.each(['of another user', 'that has ended'])(
    'starts no session to replace one %s',
    async (which) => {
      const { app, db, deps } = await createRoom();
      const ada = await newUser(app);
      const eve = await newUser(app, 'eve@example.com');
      const owner = which === 'of another user' ? eve : ada;
      const [session] = await db.select().from(sessions).where(eq(sessions.userId, owner.id));
      if (which === 'that has ended') await db.delete(sessions);
      const before = await db.select().from(sessions);
      const found = await deps.credentials.findById(ada.id);
      if (!session || !found) throw new Error('no session or user');
      const proof: Proof = {
        user: found.user,
        method: 'password',
        claims: [db.update(users).set({ bio: '' }).returning({ id: users.id })],
        event: () => eventsAt(deps.clock)(CALLER, ada.id, 'login'),
      };
      expect(await deps.signIn.restart(session.id, proof, CALLER)).toBe(undefined);
      expect(await db.select().from(sessions)).toEqual(before);
    },
  );
});
