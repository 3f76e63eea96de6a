import fc from 'fast-check';
import { expect, test } from 'vitest';
import { sessions } from '../../src/db/schema.ts';
import { createTestApp, form, json, newUser } from '../support/test-app.ts';

/** What a client of a session can do next. */
type Step =
  | { readonly kind: 'refresh'; readonly client: number; readonly isLost: boolean }
  | { readonly kind: 'replay'; readonly age: number }
  | { readonly kind: 'wait'; readonly seconds: number };

const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 5,
    arbitrary: fc.record({
      kind: fc.constant('refresh' as const),
      client: fc.nat(2),
      isLost: fc.boolean(),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      kind: fc.constant('replay' as const),
      age: fc.integer({ min: 0, max: 4 }),
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      kind: fc.constant('wait' as const),
      seconds: fc.integer({ min: 1, max: 12 }),
    }),
  },
);

const countOf = (token: string): number => Number(token.split('.')[1]);

test('[S22] any course of refreshes, losses, replays and waits by three clients keeps one lineage', async () => {
  const { app, db, advance } = await createTestApp({ REFRESH_GRACE_SECONDS: '10' });
  const { email, password } = await newUser(app);
  const refresh = async (token: string): Promise<string | undefined> => {
    const answer = await app.request('/auth/refresh', json('POST', { refresh_token: token }));
    expect([200, 401]).toContain(answer.status);
    return answer.status === 200
      ? ((await answer.json()) as { refresh_token: string }).refresh_token
      : undefined;
  };

  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 25 }), async (steps) => {
      await db.delete(sessions);
      const logIn = await app.request('/auth/login', form({ username: email, password }));
      const first = ((await logIn.json()) as { refresh_token: string }).refresh_token;
      const issued = [first];
      const held = [first, first, first];
      /** Seconds since the newest token took its parent's place. */
      let sinceRotation = Number.POSITIVE_INFINITY;
      let isOver = false;

      const use = async (token: string): Promise<string | undefined> => {
        const newest = issued.length - 1;
        const age = newest - countOf(token);
        const isTaken = !isOver && (age === 0 || (age === 1 && sinceRotation < 10));
        const next = await refresh(token);
        expect(next !== undefined).toBe(isTaken);
        if (!isTaken) isOver = true;
        else if (age === 0 && next !== undefined) {
          issued.push(next);
          sinceRotation = 0;
        } else expect(next).toBe(issued.at(-1));
        return next;
      };

      for (const action of steps) {
        if (action.kind === 'wait') {
          advance(action.seconds);
          sinceRotation += action.seconds;
        } else if (action.kind === 'replay') {
          await use(issued[Math.max(0, issued.length - 1 - action.age)] ?? first);
        } else {
          const next = await use(held[action.client] ?? first);
          if (next !== undefined && !action.isLost) held[action.client] = next;
        }
        const rows = await db.select({ count: sessions.refreshCount }).from(sessions);
        expect(rows).toEqual(isOver ? [] : [{ count: issued.length - 1 }]);
      }
    }),
    { numRuns: 40 },
  );
}, 60_000);

test('a client that only asks again is never logged out, however many of its answers are lost', async () => {
  const { app } = await createTestApp();
  const { email, password } = await newUser(app);
  await fc.assert(
    fc.asyncProperty(fc.array(fc.boolean(), { maxLength: 20 }), async (losses) => {
      const logIn = await app.request('/auth/login', form({ username: email, password }));
      let { refresh_token: token } = (await logIn.json()) as { refresh_token: string };
      for (const isLost of losses) {
        const answer = await app.request('/auth/refresh', json('POST', { refresh_token: token }));
        expect(answer.status).toBe(200);
        if (!isLost) token = ((await answer.json()) as { refresh_token: string }).refresh_token;
      }
    }),
    { numRuns: 20 },
  );
}, 60_000);
