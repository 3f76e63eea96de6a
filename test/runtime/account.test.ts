import { join } from 'node:path';
import { createClient } from '@libsql/client';
import { sql } from 'drizzle-orm';
import { drizzle } from 'drizzle-orm/libsql';
import { describe, expect, onTestFinished, test } from 'vitest';
import { logOut } from '../conformance/session-client.ts';
import { type Account, Api } from '../support/api.ts';
import {
  BRISK_SERVERS,
  emptyFolder,
  LONG_TESTED,
  type ServerName,
  startServer,
} from '../support/server.ts';

/** More than one deletion clears, and more than the buffers of a connection hold. */
const EVENTS = 40_000;
const EXPORT = '/profile/me/export';

/** Starts a server, and opens its database as another process would. */
async function start(name: ServerName, folder = emptyFolder()) {
  const url = `file:${join(folder, 'latchkey.db')}`;
  const settings = { DATABASE_URL: url, SEED_DEMO_USER: 'false', MAIL: 'console' };
  const server = await startServer(name, folder, settings, BRISK_SERVERS);
  const client = createClient({ url, timeout: 10_000 });
  onTestFinished(() => client.close());
  return { server, folder, db: drizzle({ client }), api: new Api(server.baseUrl) };
}

type Server = Awaited<ReturnType<typeof start>>;

const addEvents = ({ db }: Server, { id }: Account) =>
  db.run(
    sql`insert into audit_events (at, subject_id, action, outcome, address, user_agent, request_id)
      with recursive n(i) as (select 1 union all select i + 1 from n where i < ${EVENTS})
      select ${Date.now()}, ${id}, 'login', 'success', '203.0.113.7', 'curl/8.5.0', 'request-' || i from n`,
  );

const uncleared = async ({ db }: Server, { id }: Account): Promise<number> => {
  const [row] = await db.all<{ n: number }>(
    sql`select count(*) as n from audit_events where subject_id = ${id} and (address is not null or user_agent is not null or detail <> '{}')`,
  );
  return Number(row?.n);
};

describe.each(LONG_TESTED)('an account on %s', (name) => {
  test('[S70] whose server is killed right after the deletion: the next one clears its events', async () => {
    const room = await start(name);
    const account = await room.api.newAccount();
    await addEvents(room, account);
    const { status } = await room.api.request('DELETE', '/profile/me', {
      headers: account.bearer,
    });
    expect(status).toBe(204);
    room.server.kill('SIGKILL');
    expect(await room.server.exit).toBe('SIGKILL');
    expect(await uncleared(room, account)).toBeGreaterThan(0);

    const next = await start(name, room.folder);
    const timeout = { timeout: 50_000, interval: 200 };
    await expect.poll(() => uncleared(next, account), timeout).toBe(0);
    const rows = await next.db.all(
      sql`select id from users union all select user_id from sessions union all select user_id from known_networks`,
    );
    expect(rows).toEqual([]);
    const [count] = await next.db.all<{ n: number }>(sql`select count(*) as n from audit_events`);
    expect(Number(count?.n)).toBe(EVENTS + 3);
    expect((await next.api.newAccount(account.email)).id).toBeGreaterThan(account.id);
  }, 90_000);

  test('[S71] whose session ends during its export: the download breaks off; others are answered meanwhile', async () => {
    const room = await start(name);
    const { api, server } = room;
    const account = await api.newAccount();
    const other = await api.newAccount();
    await addEvents(room, account);
    const response = await fetch(`${server.baseUrl}${EXPORT}`, { headers: account.bearer });
    expect(response.status).toBe(200);
    const reader = (response.body as ReadableStream<Uint8Array<ArrayBuffer>>).getReader();
    const decoder = new TextDecoder();
    let text = decoder.decode((await reader.read()).value, { stream: true });
    expect((await api.get('/profile/me', other.bearer)).status).toBe(200);
    expect((await logOut(api, account)).status).toBe(204);
    const breakOff = (async () => {
      for (;;) {
        const { done, value } = await reader.read();
        if (done) return 'end';
        text += decoder.decode(value, { stream: true });
      }
    })();
    // Most clients see an error. With or without it, the text is unfinished.
    await breakOff.catch(() => 'error');
    expect(text.length).toBeGreaterThan(1000);
    expect(() => JSON.parse(text)).toThrow(SyntaxError);
    expect(text).not.toContain(`"request-${EVENTS}"`);
    await expect.poll(() => server.output()).toContain('export_ended');
    expect(server.output()).not.toMatch(/internal_error|Unhandled|Uncaught/i);
    expect((await api.get(EXPORT, other.bearer)).status).toBe(200);
  });

  test('whose client leaves during its export: the server reads no further, and goes on', async () => {
    const room = await start(name);
    const { api, server } = room;
    const account = await api.newAccount();
    await addEvents(room, account);
    const leaving = new AbortController();
    const response = await fetch(`${server.baseUrl}${EXPORT}`, {
      headers: account.bearer,
      signal: leaving.signal,
    });
    await response.body?.getReader().read();
    leaving.abort();
    await new Promise((resolve) => setTimeout(resolve, 300));
    // An export that went on would find that the session has ended.
    expect((await logOut(api, account)).status).toBe(204);
    await new Promise((resolve) => setTimeout(resolve, 500));
    expect(server.output()).not.toMatch(/export_ended|internal_error|Unhandled|Uncaught/i);
    expect((await api.get('/readyz')).status).toBe(200);
  });
});
