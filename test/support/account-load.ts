import { setTimeout as delay } from 'node:timers/promises';
import { expect } from 'vitest';
import { type Account, Api } from './api.ts';

/** An account, in the last state that the server has acknowledged. */
export interface Acknowledged extends Account {
  readonly refreshToken: string;
  /** The number that the last profile change wrote. */
  readonly bio: number;
}

export interface Load {
  /** The acknowledged accounts, in their current state. */
  acknowledged(): readonly Acknowledged[];
  /** The number of acknowledged writes. */
  writes(): number;
  /** Resolves when the server has acknowledged this many more accounts. */
  moreAccounts(count: number): Promise<void>;
  /** Stops the clients. Rejects if the server rejected one of their writes. */
  stop(): Promise<void>;
}

/** Starts concurrent clients that sign up, log in, refresh once and keep changing their profiles. */
export function startLoad(baseUrl: string, clients: number): Load {
  const api = new Api(baseUrl);
  const accounts = new Map<string, Acknowledged>();
  /** Accounts with a profile change in flight. */
  const busy = new Set<string>();
  let isRunning = true;
  let writes = 0;

  async function createAccount(): Promise<void> {
    const account = await api.newAccount();
    const login = await api.logIn(account.email, account.password);
    const refresh_token = login.at('refresh_token');
    const refreshed = await api.json('POST', '/auth/refresh', { refresh_token });
    expect(refreshed.status).toBe(200);
    writes += 4;
    const refreshToken = String(refreshed.at('refresh_token'));
    accounts.set(account.email, { ...account, refreshToken, bio: 0 });
  }

  async function changeProfiles(): Promise<void> {
    for (const { email } of [...accounts.values()].slice(-3)) {
      const account = accounts.get(email);
      // Another client is changing this profile. A concurrent change could overwrite its number.
      if (!account || busy.has(email)) continue;
      busy.add(email);
      const bio = account.bio + 1;
      const answer = await api.json('PUT', '/profile/me', { bio: String(bio) }, account.bearer);
      expect(answer.status).toBe(200);
      writes++;
      accounts.set(email, { ...account, bio });
      busy.delete(email);
    }
  }

  async function client(): Promise<void> {
    while (isRunning) {
      await createAccount();
      await changeProfiles();
      await delay(5);
    }
  }

  const all = Promise.all(Array.from({ length: clients }, client));
  // `stop()` reports the failure. This handler prevents an unhandled rejection before that.
  all.catch(() => {});
  return {
    acknowledged: () => [...accounts.values()],
    writes: () => writes,
    async moreAccounts(count) {
      const enough = accounts.size + count;
      await Promise.race([all, until(() => accounts.size >= enough)]);
    },
    async stop() {
      isRunning = false;
      await all;
    },
  };
}

async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await delay(20);
}
