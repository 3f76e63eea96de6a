import { setTimeout as delay } from 'node:timers/promises';
import { expect } from 'vitest';
import { type Account, Api } from './api.ts';

/** What the server has acknowledged to one client. */
export interface Acknowledged extends Account {
  readonly refreshToken: string;
  /** The last text that was written into the profile: a number. */
  readonly bio: number;
}

export interface Load {
  /** All that has been acknowledged so far, as it is now. */
  acknowledged(): readonly Acknowledged[];
  /** How many writes have been acknowledged so far. */
  writes(): number;
  /** Resolves when as many accounts more have been acknowledged. */
  moreAccounts(count: number): Promise<void>;
  /** Ends it. Rejects if one of its writes was refused. */
  stop(): Promise<void>;
}

/** Clients that sign up, log in, refresh once and go on changing their profiles, all at once. */
export function startLoad(baseUrl: string, clients: number): Load {
  const api = new Api(baseUrl);
  const accounts = new Map<string, Acknowledged>();
  /** Accounts whose profile is being changed. */
  const busy = new Set<string>();
  let isRunning = true;
  let writes = 0;

  async function beSomebody(): Promise<void> {
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
      // Another client is at it: its number must not be overtaken by ours.
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
      await beSomebody();
      await changeProfiles();
      await delay(5);
    }
  }

  const all = Promise.all(Array.from({ length: clients }, client));
  // Told by stop(); until then nobody is listening.
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

async function until(isSo: () => boolean): Promise<void> {
  while (!isSo()) await delay(20);
}
