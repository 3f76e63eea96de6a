import fc from 'fast-check';
import { expect } from 'vitest';

/** How long the parent of the newest refresh token is taken in these tests, in seconds. */
export const GRACE_SECONDS = 10;

/** The tokens that a login or a refresh has given. */
export interface Tokens {
  readonly access_token: string;
  readonly refresh_token: string;
}

/** What one of three clients of a session, or a thief, does next. */
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

/** Short enough to be told in full when it fails, long enough to end in every way. */
export const anyCourse: fc.Arbitrary<Step[]> = fc.array(
  fc.oneof(
    { weight: 15, arbitrary: refresh },
    { weight: 3, arbitrary: replay },
    { weight: 6, arbitrary: wait },
    { weight: 1, arbitrary: logout },
  ),
  { maxLength: 25 },
);

/** What the model believes of the session. */
export interface Belief {
  readonly isOver: boolean;
  /** How often a refresh token has made way for the next. */
  readonly rotations: number;
  readonly newest: Tokens;
}

/** The session under test, however it is reached. */
export interface SessionUnderTest {
  /** `undefined` where it is refused. */
  refresh(refreshToken: string): Promise<Tokens | undefined>;
  /** Whether the access token was taken. */
  logOut(accessToken: string): Promise<boolean>;
  wait(seconds: number): void;
  /** Compares what can be seen of the session with the belief; asked after each step. */
  check(belief: Belief): Promise<void>;
}

const countOf = (token: string): number => Number(token.split('.')[1]);

/**
 * Takes a session through a course of steps and expects what the rules say, at each of them: the newest
 * refresh token gives the next one; its parent gives that same one while the time of grace lasts; any
 * other ends the session, as does a logout, and it stays ended.
 */
export async function followCourse(
  session: SessionUnderTest,
  first: Tokens,
  course: readonly Step[],
): Promise<void> {
  const issued = [first];
  const held = [first, first, first];
  /** Seconds since the newest token took its parent's place. */
  let sinceRotation = Number.POSITIVE_INFINITY;
  let isOver = false;

  const use = async ({ refresh_token: token }: Tokens): Promise<Tokens | undefined> => {
    const age = issued.length - 1 - countOf(token);
    const isTaken = !isOver && (age === 0 || (age === 1 && sinceRotation < GRACE_SECONDS));
    const next = await session.refresh(token);
    expect(next !== undefined).toBe(isTaken);
    if (!next) {
      isOver = true;
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
        expect(await session.logOut((held[step.client] ?? first).access_token)).toBe(!isOver);
        isOver = true;
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
    await session.check({ isOver, rotations: issued.length - 1, newest });
  }
}
