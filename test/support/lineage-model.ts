import fc from 'fast-check';
import { expect } from 'vitest';

/**
 * The length of the grace period in these tests, in seconds. In this time, the server accepts the parent of the newest
 * refresh token.
 */
export const GRACE_SECONDS = 10;

/** The tokens that a login or a refresh returned. */
export interface Tokens {
  readonly access_token: string;
  readonly refresh_token: string;
}

/** The next action, either of one of the three clients of a session or of a thief. */
export type Step =
  | { readonly kind: 'refresh'; readonly client: number; readonly isLost: boolean }
  | { readonly kind: 'replay'; readonly age: number }
  | { readonly kind: 'wait'; readonly seconds: number }
  | { readonly kind: 'logout'; readonly client: number };

const client = fc.nat(2);
const refresh = fc.record({ kind: fc.constant('refresh' as const), client, isLost: fc.boolean() });
const replay = fc.record({
  kind: fc.constant('replay' as const),
  age: fc.integer({ min: 0, max: 4 }),
});
const wait = fc.record({
  kind: fc.constant('wait' as const),
  seconds: fc.integer({ min: 1, max: 12 }),
});
const logout = fc.record({ kind: fc.constant('logout' as const), client });

/**
 * A course of actions. Short enough to be printed in full when a test fails, long enough to end a session in every way.
 */
export const anyCourse: fc.Arbitrary<Step[]> = fc.array(
  fc.oneof(
    { weight: 15, arbitrary: refresh },
    { weight: 3, arbitrary: replay },
    { weight: 6, arbitrary: wait },
    { weight: 1, arbitrary: logout },
  ),
  { maxLength: 25 },
);

/** The state that the model expects of the session. */
export interface ModelState {
  readonly hasEnded: boolean;
  /** How often the refresh token was rotated. */
  readonly rotations: number;
  readonly newest: Tokens;
}

/** The session under test, either in process or over HTTP. */
export interface SessionUnderTest {
  /** Returns `undefined` if the server rejects the token. */
  refresh(refreshToken: string): Promise<Tokens | undefined>;
  /** Returns whether the server accepted the access token. */
  logOut(accessToken: string): Promise<boolean>;
  wait(seconds: number): void;
  /** Compares the observable state of the session with the model. Called after each step. */
  check(expected: ModelState): Promise<void>;
}

const countOf = (token: string): number => Number(token.split('.')[1]);

/**
 * Runs a session through a course of actions and checks the rules at each step. The newest refresh token yields the
 * next one. Its parent yields the newest one again during the grace period. Any other token ends the session, and so
 * does a logout. A session that has ended stays ended.
 */
export async function followCourse(
  session: SessionUnderTest,
  first: Tokens,
  course: readonly Step[],
): Promise<void> {
  const issued = [first];
  const held = [first, first, first];
  /** Seconds since the last rotation. */
  let sinceRotation = Number.POSITIVE_INFINITY;
  let hasEnded = false;

  const use = async ({ refresh_token: token }: Tokens): Promise<Tokens | undefined> => {
    const age = issued.length - 1 - countOf(token);
    const isAccepted = !hasEnded && (age === 0 || (age === 1 && sinceRotation < GRACE_SECONDS));
    const next = await session.refresh(token);
    expect(next !== undefined).toBe(isAccepted);
    if (!next) {
      hasEnded = true;
    } else if (age === 0) {
      issued.push(next);
      sinceRotation = 0;
    } else {
      expect(next.refresh_token).toBe(issued.at(-1)?.refresh_token);
    }
    return next;
  };

  const take = async (step: Step): Promise<void> => {
    switch (step.kind) {
      case 'wait':
        session.wait(step.seconds);
        sinceRotation += step.seconds;
        return;
      case 'replay':
        await use(issued[Math.max(0, issued.length - 1 - step.age)] ?? first);
        return;
      case 'logout':
        expect(await session.logOut((held[step.client] ?? first).access_token)).toBe(!hasEnded);
        hasEnded = true;
        return;
      case 'refresh': {
        const next = await use(held[step.client] ?? first);
        if (next && !step.isLost) held[step.client] = next;
      }
    }
  };

  for (const step of course) {
    await take(step);
    const newest = issued.at(-1) ?? first;
    await session.check({ hasEnded, rotations: issued.length - 1, newest });
  }
}
