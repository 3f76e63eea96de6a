import fc from 'fast-check';
import { expect, test } from 'vitest';
import { sessions } from '../../src/core/db/schema.ts';
import { anyCourse, followCourse, GRACE_SECONDS, type Tokens } from '../support/lineage-model.ts';
import { bearer, createTestApp, form, json, newUser } from '../support/test-app.ts';

test('[S22] any sequence of refreshes, losses, replays, waits and logouts by three clients keeps one lineage', async () => {
  const { app, db, advance } = await createTestApp({
    REFRESH_GRACE_SECONDS: String(GRACE_SECONDS),
  });
  const { email, password } = await newUser(app);

  await fc.assert(
    fc.asyncProperty(anyCourse, async (course) => {
      await db.delete(sessions);
      const logIn = await app.request('/auth/login', form({ username: email, password }));
      const session = {
        async refresh(token: string) {
          const answer = await app.request('/auth/refresh', json('POST', { refresh_token: token }));
          expect([200, 401]).toContain(answer.status);
          return answer.status === 200 ? ((await answer.json()) as Tokens) : undefined;
        },
        async logOut(token: string) {
          const init = { method: 'POST', headers: bearer(token) };
          const { status } = await app.request('/auth/logout', init);
          expect([204, 401]).toContain(status);
          return status === 204;
        },
        wait: advance,
        async check({ hasEnded, rotations }: { hasEnded: boolean; rotations: number }) {
          const rows = await db.select({ count: sessions.refreshCount }).from(sessions);
          expect(rows).toEqual(hasEnded ? [] : [{ count: rotations }]);
        },
      };
      await followCourse(session, (await logIn.json()) as Tokens, course);
    }),
    { numRuns: 40 },
  );
}, 60_000);

test('a client that repeats a refresh within the grace period is never logged out, however many responses are lost', async () => {
  const { app } = await createTestApp();
  const { email, password } = await newUser(app);
  await fc.assert(
    fc.asyncProperty(fc.array(fc.boolean(), { maxLength: 20 }), async (losses) => {
      const logIn = await app.request('/auth/login', form({ username: email, password }));
      let { refresh_token: token } = (await logIn.json()) as Tokens;
      for (const isLost of losses) {
        const answer = await app.request('/auth/refresh', json('POST', { refresh_token: token }));
        expect(answer.status).toBe(200);
        if (!isLost) token = ((await answer.json()) as Tokens).refresh_token;
      }
    }),
    { numRuns: 20 },
  );
}, 60_000);
