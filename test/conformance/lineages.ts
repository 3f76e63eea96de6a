import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Answer } from '../support/api.ts';
import {
  anyCourse,
  followCourse,
  GRACE_SECONDS,
  type ModelState,
  type Tokens,
} from '../support/lineage-model.ts';
import type { TimedApi } from '../support/movable-clock/api.ts';
import { actions, isLoggedIn, logIn, loginOf, logOut, refresh } from './session-client.ts';
import type { TimedPart } from './timed-suite.ts';

const PARALLEL = 20;
const HALF_A_DAY = 43_200;
/** The seconds to wait before each course, so that the logins stay below their rate limit. */
const A_MINUTE = 60;

/** Limits the time for shrinking an example, so that a failure is reported with its seed before the test times out. */
const BOUNDED = { interruptAfterTimeLimit: 40_000, markInterruptAsFailure: true };

const bearerOf = (token: string) => ({ bearer: { Authorization: `Bearer ${token}` } });

const tokensOf = (answer: Answer): Tokens => ({
  access_token: String(answer.at('access_token')),
  refresh_token: String(answer.at('refresh_token')),
});

/** Adapts the HTTP API to the interface of a session under test. */
const sessionUnderTest = (api: TimedApi) => ({
  async refresh(token: string) {
    const answer = await refresh(api, token);
    if (answer.status === 200) return tokensOf(answer);
    expect([answer.status, answer.at('code')]).toEqual([401, 'invalid_refresh_token']);
    return undefined;
  },
  async logOut(token: string) {
    const { status } = await logOut(api, bearerOf(token));
    expect([204, 401]).toContain(status);
    return status === 204;
  },
  wait: (seconds: number) => api.advance(seconds),
  async check({ hasEnded, newest }: ModelState) {
    expect(await isLoggedIn(api, bearerOf(newest.access_token))).toBe(!hasEnded);
  },
});

export const lineages: TimedPart = (newApi) => {
  test(`[S22] ${PARALLEL} concurrent refreshes with the parent within its grace period keep one lineage`, async () => {
    const api = newApi();
    const { refreshToken: parent } = await logIn(api, await api.newAccount());
    const newest = loginOf(await refresh(api, parent)).refreshToken;
    for (const seconds of [GRACE_SECONDS - 1, 0.999]) {
      api.advance(seconds);
      const answers = await Promise.all(
        Array.from({ length: PARALLEL }, () => refresh(api, parent)),
      );
      expect(new Set(answers.map((answer) => answer.at('refresh_token')))).toEqual(
        new Set([newest]),
      );
    }
    // Use of the parent must not extend its grace period.
    api.advance(0.001);
    expect((await refresh(api, parent)).status).toBe(401);
  });

  test('[S22] a refresh with the parent after its grace period ends the session and is recorded', async () => {
    const api = newApi();
    const account = await api.newAccount();
    const first = await logIn(api, account);
    const second = loginOf(await refresh(api, first.refreshToken));
    api.advance(GRACE_SECONDS);
    const replay = await refresh(api, first.refreshToken);
    expect([replay.status, replay.at('code')]).toEqual([401, 'invalid_refresh_token']);
    expect((await refresh(api, second.refreshToken)).status).toBe(401);
    for (const login of [first, second]) expect(await isLoggedIn(api, login)).toBe(false);
    expect((await actions(api, account))[0]).toBe('refresh_reuse failure');
    const events = (await api.get('/auth/activity', account.bearer)).at('events');
    expect(events).toMatchObject([{ at: new Date(api.now).toISOString() }, {}, {}, {}]);
  });

  test('[S22] any sequence of refreshes, losses, replays, waits and logouts by three clients keeps one lineage', async () => {
    const api = newApi();
    const { email, password } = await api.newAccount();
    await fc.assert(
      fc.asyncProperty(anyCourse, async (course) => {
        api.advance(A_MINUTE);
        const first = tokensOf(await api.logIn(email, password));
        await followCourse(sessionUnderTest(api), first, course);
      }),
      { numRuns: 20, ...BOUNDED },
    );
  });

  test('[S22] a client that repeats a refresh within the grace period is never logged out', async () => {
    // In each round, a client repeats a refresh after these waits and receives only the last response. Then it pauses.
    const waits = fc.array(fc.integer({ min: 1, max: 3 }), { maxLength: 3 });
    const pause = fc.integer({ min: 0, max: HALF_A_DAY });
    const api = newApi();
    const { email, password } = await api.newAccount();
    await fc.assert(
      fc.asyncProperty(fc.array(fc.record({ waits, pause }), { maxLength: 10 }), async (rounds) => {
        api.advance(A_MINUTE);
        let login = loginOf(await api.logIn(email, password));
        for (const round of rounds) {
          let answer = await refresh(api, login.refreshToken);
          for (const seconds of round.waits) {
            api.advance(seconds);
            answer = await refresh(api, login.refreshToken);
          }
          login = loginOf(answer);
          api.advance(round.pause);
          expect(await isLoggedIn(api, login)).toBe(true);
        }
      }),
      { numRuns: 10, ...BOUNDED },
    );
  });
};
