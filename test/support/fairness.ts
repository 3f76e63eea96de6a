import { setTimeout as delay } from 'node:timers/promises';
import { describe, expect, test } from 'vitest';
import { Api, uniqueEmail } from './api.ts';
import { tallyOf } from './attack-tally.ts';
import { emptyFolder, type ServerName, startServer } from './server.ts';

/** The number of /64 networks of one /48 that log in at the same time. */
const NETWORKS = 512;
/** Maximum latency of a stranger's login, in milliseconds. */
const STRANGER_MS = 2000;
/** The number of logins that Node hashes at the same time. Their latency is the baseline of the machine. */
const BASELINE_LOGINS = 3;
/**
 * On a busy machine, the maximum latency of a stranger as a multiple of the baseline. In a FIFO queue, the multiple is
 * 9.
 */
const STRANGER_TIMES = 4;
const TRIES = 3;

const SETTINGS = {
  TRUSTED_PROXY_HOPS: '1',
  PASSWORD_ROUNDS: '6',
  RATE_LIMIT_LOGIN: '',
  RATE_LIMIT_SIGNUP: '',
  RATE_LIMIT_DEFAULT: '',
};

const logInFrom = (api: Api, address: string, username: string, password: string) =>
  api.request('POST', '/auth/login', {
    headers: { 'X-Forwarded-For': address },
    body: new URLSearchParams({ username, password }),
  });

/** Tests concurrent logins from many networks, on these runtimes. */
export const describeFairness = (names: readonly ServerName[]): void =>
  describe.each(names)('%s', (name) => {
    test(`[S47] while ${NETWORKS} networks of one /48 log in, a stranger’s login takes less than ${STRANGER_MS} ms`, async (context) => {
      const { baseUrl } = await startServer(name, emptyFolder(), SETTINGS);
      const api = new Api(baseUrl);
      const { email, password } = await api.newAccount();
      const logIn = async (host: number) => {
        const startedAt = performance.now();
        const { status } = await logInFrom(api, `203.0.113.${host}`, email, password);
        return { status, ms: performance.now() - startedAt };
      };
      let isServed = false;
      for (let i = 0; i < TRIES && !isServed; i++) {
        const baseline = await Promise.all(
          Array.from({ length: BASELINE_LOGINS }, (_, n) => logIn(100 + i * BASELINE_LOGINS + n)),
        );
        const slowest = Math.max(...baseline.map(({ ms }) => ms));
        // Uses unknown names. Such a login costs as much as one with a wrong password.
        const flood = Array.from({ length: NETWORKS }, (_, n) =>
          logInFrom(api, `2001:db8:${i}:${n.toString(16)}::1`, uniqueEmail(), 'not the password'),
        );
        await delay(100);
        const { status, ms } = await logIn(i);
        isServed = status === 200 && ms < Math.max(STRANGER_MS, STRANGER_TIMES * slowest);
        const refused = (await Promise.all(flood)).filter((answer) => answer.status !== 400);
        expect(refused.length).toBeGreaterThan(NETWORKS / 2);
        expect(new Set(refused.map((answer) => answer.status))).toEqual(new Set([503]));
      }
      expect(isServed).toBe(true);
      tallyOf(context).requests = api.observations.length;
    });
  });
