import { expect, onTestFinished, test } from 'vitest';
import { loginOf, refresh } from '../conformance/session-client.ts';
import { type Answer, Api, uniqueEmail } from '../support/api.ts';
import { type AttackTally, tallyOf } from '../support/attack-tally.ts';
import { type FaultProxy, loseAnswer, pass, startFaultProxy } from '../support/fault-proxy.ts';
import { until } from '../support/raw-connection.ts';
import { emptyFolder, type ServerName, startServer } from '../support/server.ts';
import { startServerDatabase } from '../support/server-database.ts';
import { AS_A_WHOLE, countsIn } from '../support/whole-database.ts';

/** The requests that the server sends to its database. */
const STATEMENTS = 'POST /v2/pipeline';
const SETTINGS = {
  SEED_DEMO_USER: 'false',
  SECRET_KEY: 'a secret of this test',
  REFRESH_GRACE_SECONDS: '60',
};
const MOST_STATEMENTS = 10;
const PASSWORD = 'analytical engine';

/** A request that a client repeats after a 503. */
interface Deed {
  /** Creates everything that the request needs. Returns a function that sends the request. */
  prepare(api: Api): Promise<() => Promise<Answer>>;
  /** The status and code of the second response if the first attempt had succeeded. */
  readonly doneAlready: readonly [status: number, code: string | undefined];
  /** Checks the stored data after both attempts. */
  check(api: Api, again: Answer, send: () => Promise<Answer>): Promise<void>;
}

const deeds: Readonly<Record<string, () => Deed>> = {
  'POST /auth/signup creates one account, and a second attempt returns 400 email_taken': () => {
    const email = uniqueEmail();
    return {
      prepare: async (api) => () => api.json('POST', '/auth/signup', { email, password: PASSWORD }),
      doneAlready: [400, 'email_taken'],
      async check(api) {
        expect((await api.logIn(email, PASSWORD)).status).toBe(200);
      },
    };
  },

  'PUT /profile/me with If-Match is applied once, and a second attempt returns 412': () => {
    let bearer = {};
    return {
      async prepare(api) {
        ({ bearer } = await api.newAccount());
        const etag = (await api.get('/profile/me', bearer)).headers.get('ETag') ?? '';
        return () => api.json('PUT', '/profile/me', { bio: '1' }, { ...bearer, 'If-Match': etag });
      },
      doneAlready: [412, 'precondition_failed'],
      async check(api) {
        const profile = await api.get('/profile/me', bearer);
        expect(profile.at('bio')).toBe('1');
        expect(profile.headers.get('ETag')).toMatch(/-2"$/);
      },
    };
  },

  'POST /auth/refresh rotates once, and further attempts return the same newest token': () => ({
    async prepare(api) {
      const { email, password } = await api.newAccount();
      const { refreshToken } = loginOf(await api.logIn(email, password));
      return () => refresh(api, refreshToken);
    },
    doneAlready: [200, undefined],
    async check(api, again, send) {
      const { bearer, refreshToken } = loginOf(again);
      expect((await send()).at('refresh_token')).toBe(refreshToken);
      expect((await api.get('/profile/me', bearer)).status).toBe(200);
      expect((await refresh(api, refreshToken)).status).toBe(200);
    },
  }),
};

/**
 * Repeats a request, and loses the database's response to a different statement each time: the first one, the second
 * one, and so on. Returns how often the request had succeeded although the response was a 503.
 */
async function loseEach(
  deedOf: () => Deed,
  { api, proxy, tally }: { api: Api; proxy: FaultProxy; tally: AttackTally },
): Promise<number> {
  let doneAlready = 0;
  for (let before = 0; before < MOST_STATEMENTS; before++) {
    const deed = deedOf();
    const send = await deed.prepare(api);
    const seen = proxy.count(STATEMENTS);
    proxy.next(STATEMENTS, ...Array.from({ length: before }, () => pass), loseAnswer);
    tally.requests += 1;
    const first = await send();
    if (proxy.calm(STATEMENTS) > 0) {
      expect(first.status).toBeLessThan(300);
      return doneAlready;
    }
    tally.faults += 1;
    expect([first.status, first.at('code')]).toEqual([503, 'database_unavailable']);
    expect(first.headers.get('Retry-After')).toMatch(/^\d+$/);
    // No component has retried the statement.
    expect(proxy.count(STATEMENTS) - seen).toBe(before + 1);

    tally.requests += 1;
    const again = await send();
    const outcome = [again.status, again.at('code')];
    if (again.status < 300) tally.acknowledged += 1;
    else expect(outcome).toEqual(deed.doneAlready);
    if (outcome.join() === deed.doneAlready.join()) doneAlready += 1;
    await deed.check(api, again, send);
  }
  throw new Error(`It takes more than ${MOST_STATEMENTS} statements`);
}

test.for<ServerName>(['node', 'bun', 'deno'])(
  '[S38] %s: if a response of the database is lost after the work is done, returns 503, and nothing is done twice',
  async (name, context) => {
    const tally = tallyOf(context);
    const database = await startServerDatabase();
    const proxy = await startFaultProxy(database.url);
    onTestFinished(() => proxy.close());
    const settings = { ...SETTINGS, DATABASE_URL: proxy.baseUrl };
    const server = await startServer(name, emptyFolder(), settings);
    const api = new Api(server.baseUrl);
    // The server looks for messages 1 to 3 seconds after its start, then each 15 seconds. A fault must not meet that.
    const started = proxy.count(STATEMENTS);
    await until(() => proxy.count(STATEMENTS) > started);

    for (const [title, deedOf] of Object.entries(deeds)) {
      const doneAlready = await loseEach(deedOf, { api, proxy, tally });
      expect([title, doneAlready > 0]).toEqual([title, true]);
    }
    expect(await countsIn(database.url)).toMatchObject(AS_A_WHOLE);
    expect(server.output()).not.toContain('internal_error');
  },
);
