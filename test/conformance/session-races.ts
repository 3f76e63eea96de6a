import { setTimeout as delay } from 'node:timers/promises';
import { expect, test } from 'vitest';
import type { Account, Answer, Api } from '../support/api.ts';
import { actions, isLoggedIn, logIn, loginOf, logOut, refresh } from './session-client.ts';
import type { Part } from './suite.ts';

const PARALLEL = 20;
const ROUNDS = 15;

const parallel = <Result>(run: () => Promise<Result>): Promise<Result[]> =>
  Promise.all(Array.from({ length: PARALLEL }, run));

const logOuts = async (api: Api, account: Pick<Account, 'bearer'>): Promise<string[]> =>
  (await actions(api, account)).filter((action) => action.startsWith('logout'));

export const sessionRaces: Part = (api) => {
  test(`[S20] ${PARALLEL} concurrent logouts each return 204 or 401, end the session and are recorded once`, async () => {
    const account = await api().newAccount();
    const login = await logIn(api(), account);
    // Opens all connections first; otherwise the first logout would finish before the others arrive.
    await parallel(() => isLoggedIn(api(), login));
    const answers = await parallel(() => logOut(api(), login));
    const statuses = answers.map(({ status }) => status);
    for (const status of statuses) expect([204, 401]).toContain(status);
    expect(statuses).toContain(204);
    expect(await isLoggedIn(api(), login)).toBe(false);
    expect((await refresh(api(), login.refreshToken)).status).toBe(401);
    expect(await logOuts(api(), account)).toEqual(['logout success']);
  });

  test(`[S20] in ${ROUNDS} races between logouts and refreshes, no token outlives the session`, async () => {
    const account = await api().newAccount();
    for (let round = 0; round < ROUNDS; round++) {
      const login = await logIn(api(), account);
      // Four refreshes and two logouts, a few milliseconds apart. Their order differs in each round.
      const ask = async (i: number): Promise<Answer> => {
        await delay((i * (round + 1)) % 6);
        return i < 4 ? refresh(api(), login.refreshToken) : logOut(api(), login);
      };
      const answers = await Promise.all([0, 1, 2, 3, 4, 5].map(ask));
      const statuses = answers.map(({ status }) => status);
      for (const status of statuses) expect([200, 204, 401]).toContain(status);
      expect(statuses).toContain(204);
      const refreshed = answers.filter(({ status }) => status === 200).map(loginOf);
      for (const tokens of [login, ...refreshed]) {
        expect(await isLoggedIn(api(), tokens)).toBe(false);
        expect((await refresh(api(), tokens.refreshToken)).status).toBe(401);
      }
    }
    expect(await logOuts(api(), account)).toEqual(Array(ROUNDS).fill('logout success'));
  });
};
