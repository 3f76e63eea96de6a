import { expect, test } from 'vitest';
import type { Answer } from '../support/api.ts';
import { actions, isIn, logIn, loginOf, logOut, refresh } from './session-client.ts';
import type { Part } from './suite.ts';

const PARALLEL = 20;
const ROUNDS = 15;

export const sessionRaces: Part = (api) => {
  test(`[S20] ${PARALLEL} logouts at once: each 204 or 401, the session is over and on record once`, async () => {
    const account = await api().newAccount();
    const login = await logIn(api(), account);
    const answers = await Promise.all(Array.from({ length: PARALLEL }, () => logOut(api(), login)));
    const statuses = answers.map(({ status }) => status);
    for (const status of statuses) expect([204, 401]).toContain(status);
    expect(statuses).toContain(204);
    expect(await isIn(api(), login)).toBe(false);
    expect((await refresh(api(), login.refreshToken)).status).toBe(401);
    const record = await actions(api(), account);
    expect(record.filter((action) => action.startsWith('logout'))).toEqual(['logout success']);
  });

  test(`[S20] logouts against refreshes at once, ${ROUNDS} times: no token outlives the session`, async () => {
    const account = await api().newAccount();
    for (let round = 0; round < ROUNDS; round++) {
      const login = await logIn(api(), account);
      const asks: (() => Promise<Answer>)[] = [
        () => refresh(api(), login.refreshToken),
        () => refresh(api(), login.refreshToken),
        () => refresh(api(), login.refreshToken),
        () => refresh(api(), login.refreshToken),
      ];
      // The logouts come at another place each round.
      asks.splice(round % 5, 0, () => logOut(api(), login));
      asks.splice((round * 3) % 6, 0, () => logOut(api(), login));
      const answers = await Promise.all(asks.map((ask) => ask()));
      const statuses = answers.map(({ status }) => status);
      for (const status of statuses) expect([200, 204, 401]).toContain(status);
      expect(statuses).toContain(204);
      const refreshed = answers.filter(({ status }) => status === 200).map(loginOf);
      for (const tokens of [login, ...refreshed]) {
        expect(await isIn(api(), tokens)).toBe(false);
        expect((await refresh(api(), tokens.refreshToken)).status).toBe(401);
      }
    }
    expect(await isIn(api(), account)).toBe(true);
  });
};
