import { getTableColumns, is, sql } from 'drizzle-orm';
import { getTableConfig, SQLiteTable } from 'drizzle-orm/sqlite-core';
import { describe, expect, test } from 'vitest';
import * as accountSchema from '../../src/core/db/account-schema.ts';
import * as schema from '../../src/core/db/schema.ts';
import { type AccountExport, exportSchema } from '../../src/features/export/schemas.ts';
import { PAGE_ROWS } from '../../src/features/export/store.ts';
import { codeOf, createMailRoom, HERE, type MailRoom } from '../support/mail-room.ts';
import { bearer } from '../support/test-app.ts';

const PATH = '/profile/me/export';
const password = 'analytical engine';
const PAGE = PAGE_ROWS;

const ask = (room: Pick<MailRoom, 'send'>, token: string, method = 'GET') =>
  room.send(PATH, { method, headers: bearer(token) });

const exportOf = async (room: Pick<MailRoom, 'send'>, token: string): Promise<AccountExport> =>
  exportSchema.parse(await (await ask(room, token)).json());

/** Adds events to an account. */
const addEvents = ({ db }: Pick<MailRoom, 'db'>, id: number, count: number) =>
  db.run(
    sql`insert into audit_events (at, subject_id, action, outcome, address, request_id, detail)
      with recursive n(i) as (select 1 union all select i + 1 from n where i < ${count})
      select i, ${id}, 'login', 'success', ${HERE}, 'added-' || i, '{"i":' || i || '}' from n`,
  );

describe('GET /profile/me/export', () => {
  test('[S71] answers 200 with everything that is stored about the account, as a file', async () => {
    const room = await createMailRoom();
    const { db, deps } = room;
    const account = await room.newVerifiedUser('Ada.L@example.com');
    const { id, token } = account;
    const other = await room.newUser('eve@example.com');
    await room.logIn(account.email, 'wrong');
    await room.tokenOf(account.email, password);
    await room.post('/auth/phone/change', { phone: '+919876543210' }, bearer(token));
    const at = deps.clock();
    await db.insert(accountSchema.reservedAddresses).values({
      ...{ channel: 'email', address: 'old@example.com', entered: 'Old@example.com' },
      ...{ userId: id, verifiedAt: at, reservedUntil: at + 1000 },
    });
    await db.insert(accountSchema.knownDevices).values({
      ...{ id: 'device', userId: id, hash: 'hash-of-a-device', userAgent: 'x', address: HERE },
      ...{ createdAt: at, lastUsedAt: at, expiresAt: at + 1000 },
    });
    await db.insert(accountSchema.notices).values({ userId: id, kind: 'lockout', sentAt: at });

    await db.insert(accountSchema.imports).values([
      { source: 'pms', sourceId: '7', userId: id, importedAt: at, fingerprint: 'abcd' },
      { source: 'pms', sourceId: '8', userId: other.id, importedAt: at },
    ]);

    const answer = await ask(room, token);
    expect(answer.status).toBe(200);
    expect(Object.fromEntries(answer.headers)).toMatchObject({
      'content-type': 'application/json',
      'content-disposition': 'attachment; filename="latchkey-export.json"',
      'cache-control': 'no-store',
      'x-content-type-options': 'nosniff',
      ratelimit: '"export";r=4;t=3600',
    });
    const text = await answer.text();
    const data = exportSchema.strict().parse(JSON.parse(text));
    expect(data.profile).toEqual((await room.profile(token)).body);
    expect(data.account).toMatchObject({
      email_normalized: 'ada.l@example.com',
      email_verified_at: expect.stringMatching(/^2026/),
      phone_normalized: null,
      has_password: true,
      language: 'en',
    });
    expect(data.sessions).toHaveLength(2);
    expect(data.sessions[0]).toMatchObject({ method: 'password', refreshes: 0 });
    expect(data.devices).toContainEqual(
      expect.objectContaining({ id: 'device', address: HERE, failures: 0 }),
    );
    expect(data.known_networks).toMatchObject([{ network: HERE }]);
    expect(data.reserved_addresses).toMatchObject([
      { address: 'Old@example.com', normalized: 'old@example.com' },
    ]);
    expect(
      data.pending_codes.map(({ purpose, kind, channel }) => [purpose, kind, channel]),
    ).toEqual(expect.arrayContaining([['change', 'code', 'phone']]));
    expect(data.messages.map(({ kind, channel }) => [kind, channel])).toEqual([
      ['verify', 'email'],
      ['new_login', 'email'],
      ['change', 'phone'],
    ]);
    expect(data.notices.map(({ kind }) => kind)).toEqual(['new_login', 'lockout']);
    expect(data.login_failures).toEqual([]);
    expect(data.imports).toEqual([
      { source: 'pms', source_id: '7', imported_at: new Date(at).toISOString() },
    ]);
    const activity = (await (
      await room.send('/auth/activity', { headers: bearer(token) })
    ).json()) as { events: unknown[] };
    expect(data.events).toEqual(activity.events.toReversed());
    expect(text).not.toContain('eve@example.com');
    expect((await exportOf(room, other.token)).events.length).toBeLessThan(data.events.length);
  });

  test('[S71] contains no hash, token, code or sealed message', async () => {
    const room = await createMailRoom();
    const { token, email } = await room.newVerifiedUser();
    await room.post('/auth/password/forgot', { username: email });
    const { tokens, code } = await room.message();
    room.senders.next.result = () => ({ kind: 'later', reason: 'busy' });
    room.advance(60);
    await room.post('/auth/code', { username: email });
    const text = await (await ask(room, token)).text();
    const secrets = await room.db.all<Record<string, string | null>>(
      sql`select password_hash as a, null as b from users union all select hash, null from codes union all select sealed, id from outbox`,
    );
    const values = [...Object.values(tokens), ...secrets.flatMap((row) => Object.values(row))];
    expect(values.filter((value) => typeof value === 'string').length).toBeGreaterThan(5);
    for (const value of [...values, token, `"${code}"`]) {
      if (typeof value === 'string') expect(text).not.toContain(value);
    }
  });

  test('each column that is stored about an account has been considered: it is exported, or a secret', () => {
    const stored = [...Object.values(schema), ...Object.values(accountSchema)]
      .filter((table) => is(table, SQLiteTable))
      .filter((table) => {
        const columns = Object.keys(getTableColumns(table));
        return table === schema.users || columns.some((name) => /^(userId|subjectId)$/.test(name));
      });
    const exported = new Map<string, number>();
    for (const table of stored)
      exported.set(getTableConfig(table).name, Object.keys(getTableColumns(table)).length);
    expect(Object.fromEntries(exported)).toEqual({
      audit_events: 10,
      avatars: 6,
      codes: 10,
      imports: 5,
      known_devices: 9,
      known_networks: 4,
      login_failures: 5,
      notices: 3,
      outbox: 11,
      reserved_addresses: 6,
      sessions: 14,
      user_roles: 3,
      users: 32,
    });
  });

  test('[S71] without a token, or ten minutes after the login, answers 401', async () => {
    const room = await createMailRoom();
    const { token } = await room.newUser();
    expect(await codeOf(await room.send(PATH, {}))).toBe('not_authenticated');
    room.advance(601);
    expect(await codeOf(await ask(room, token))).toBe('reauthentication_required');
  });

  test('HEAD answers 200 without a body, and reads nothing', async () => {
    const room = await createMailRoom();
    const { token } = await room.newUser();
    const answer = await ask(room, token, 'HEAD');
    expect([answer.status, await answer.text()]).toEqual([200, '']);
    expect(answer.headers.get('Content-Disposition')).toContain('latchkey-export.json');
  });

  test('[S71] answers 429 to the sixth of an hour, also to other sessions; not to other accounts', async () => {
    const room = await createMailRoom();
    const { token, email } = await room.newUser();
    const eve = await room.newUser('eve@example.com');
    const answers = await Promise.all(Array.from({ length: 8 }, () => ask(room, token)));
    const statuses = answers.map(({ status }) => status).sort();
    expect(statuses).toEqual([200, 200, 200, 200, 200, 429, 429, 429]);
    for (const answer of answers) await answer.body?.cancel();
    const refused = await ask(room, await room.tokenOf(email, password));
    expect([refused.status, refused.headers.get('Retry-After')]).toEqual([429, '3600']);
    expect((await ask(room, eve.token)).status).toBe(200);
    room.advance(3600);
    expect((await ask(room, await room.tokenOf(email, password))).status).toBe(200);
  });

  test.each([PAGE - 4, PAGE - 3, PAGE - 2, PAGE - 1, 2 * PAGE - 3, 2 * PAGE - 2, 2345])(
    'reads %d more events once each, in order',
    async (count) => {
      const room = await createMailRoom();
      const { id, token } = await room.newUser();
      await addEvents(room, id, count);
      const { events } = await exportOf(room, token);
      expect(events).toHaveLength(count + 3);
      expect(events.slice(2, -1).map(({ request_id }) => request_id)).toEqual(
        Array.from({ length: count }, (_, i) => `added-${i + 1}`),
      );
      expect(events.at(-2)?.detail).toEqual({ i: count });
      expect(events.at(-1)?.action).toBe('account_export');
    },
  );

  test('contains events that are recorded while it is read, and reads a page only when it is asked for', async () => {
    const room = await createMailRoom();
    const { id, token } = await room.newUser();
    await addEvents(room, id, 2 * PAGE);
    const { reader, until } = await reading(room, token);
    let text = await until('"events":[');
    await addEvents(room, id, 1);
    for (;;) {
      const { done, value } = await reader.read();
      if (done) break;
      text += value;
    }
    expect(exportSchema.parse(JSON.parse(text)).events).toHaveLength(2 * PAGE + 4);
  });

  test.each([
    ['a logout', 'POST', '/auth/logout'],
    ['the deletion of the account', 'DELETE', '/profile/me'],
    ['a logout everywhere', 'DELETE', '/auth/sessions?all=true'],
  ])('[S71] breaks off, and is not JSON, after %s', async (_, method, path) => {
    const room = await createMailRoom();
    const { id, token } = await room.newUser();
    await addEvents(room, id, 3 * PAGE);
    const { reader, until } = await reading(room, token);
    let text = await until('"events":[');
    const ended = await room.send(path, { method, headers: bearer(token) });
    expect(ended.status).toBe(204);
    await expect(
      (async () => {
        for (;;) {
          const { done, value } = await reader.read();
          if (done) return;
          text += value;
        }
      })(),
    ).rejects.toThrow('invalid_token');
    expect(() => JSON.parse(text)).toThrow(SyntaxError);
    expect(text).not.toContain(`added-${3 * PAGE}`);
    expect(room.logs.filter((line) => line.includes('export_ended'))).toHaveLength(1);
  });

  test('[S71] breaks off, without the reason, if the database fails', async () => {
    const room = await createMailRoom();
    const { id, token } = await room.newUser();
    await addEvents(room, id, 2 * PAGE);
    const { reader, until } = await reading(room, token);
    await until('"events":[');
    room.closeDatabase();
    await expect(reader.read()).rejects.toThrow(/^the export has ended$/);
  });

  test('lets other work run between two pages', async () => {
    const room = await createMailRoom();
    const { id, token } = await room.newUser();
    await addEvents(room, id, 20 * PAGE);
    const { body } = await ask(room, token);
    let turns = 0;
    let isDone = false;
    const count = (): void => {
      turns += 1;
      if (!isDone) setImmediate(count);
    };
    setImmediate(count);
    expect((await new Response(body).text()).length).toBeGreaterThan(20 * PAGE * 100);
    isDone = true;
    expect(turns).toBeGreaterThan(20);
  });

  test('reads no further page once the client has closed the connection', async () => {
    const room = await createMailRoom();
    const { id, token } = await room.newUser();
    await addEvents(room, id, 3 * PAGE);
    const { reader, until } = await reading(room, token);
    await until('"events":[');
    await reader.cancel();
    room.closeDatabase();
    await new Promise((resolve) => setTimeout(resolve, 20));
    expect(room.logs.filter((line) => line.includes('export_ended'))).toEqual([]);
  });
});

/** Starts an export. `until` reads until the text contains a part. */
async function reading(room: MailRoom, token: string) {
  const { body } = await ask(room, token);
  if (!body) throw new Error('there is no body');
  const reader = textReader(body);
  async function until(part: string): Promise<string> {
    let text = '';
    while (!text.includes(part)) {
      const { done, value } = await reader.read();
      if (done) throw new Error(`the text has no ${part}`);
      text += value;
    }
    return text;
  }
  return { reader, until };
}

/** Reads a body part by part, without reading ahead. */
function textReader(body: ReadableStream<Uint8Array<ArrayBuffer>>) {
  const reader = body.getReader();
  const decoder = new TextDecoder();
  return {
    cancel: () => reader.cancel(),
    async read(): Promise<{ done: boolean; value: string }> {
      const { done, value } = await reader.read();
      return { done, value: decoder.decode(value, { stream: !done }) };
    },
  };
}
