import { describe, expect, test } from 'vitest';
import { auditEvents, refusedLogins, sessions } from '../../src/core/db/schema.ts';
import { bearer, createTestApp, form, json, newUser, type TestApp } from '../support/test-app.ts';

const HOME = '198.51.100.7';
const HOUR = 3600;

const logIn = (
  { app }: TestApp,
  fields: { username: string; password: string },
  clientAddress = HOME,
  headers: Record<string, string> = {},
) => app.request('/auth/login', { ...form(fields), headers }, { clientAddress });

async function eventsOf({ db }: TestApp, ...wanted: string[]) {
  const rows = await db.select().from(auditEvents);
  return rows.filter(({ action }) => wanted.includes(action));
}

/** Returns the size of all rows of a table, in bytes. */
const sizeOf = (rows: readonly object[]): number => JSON.stringify(rows).length;

describe('[S48] strangers cannot fill the audit log', () => {
  test('sixty rejected logins with unknown names are one row per network and hour', async () => {
    const room = await createTestApp();
    for (let i = 0; i < 60; i++) {
      const address = `2001:db8:1:${i.toString(16)}::${i}`;
      const fields = { username: `nobody${i}@example.com`, password: 'whatever' };
      const headers = { 'User-Agent': 'x'.repeat(4000) };
      expect((await logIn(room, fields, address, headers)).status).toBe(400);
    }
    expect(await room.db.select().from(auditEvents)).toEqual([]);
    const hour = Date.UTC(2026, 0, 1, 12);
    const counted = await room.db.select().from(refusedLogins);
    expect(counted).toEqual([{ hour, network: '2001:db8:1/48', count: 60 }]);
    room.advance(HOUR);
    await logIn(room, { username: 'nobody@example.com', password: 'whatever' });
    expect(await room.db.select().from(refusedLogins)).toContainEqual({
      hour: hour + HOUR * 1000,
      network: HOME,
      count: 1,
    });
  });

  test('rejected logins to an existing account from one network are recorded as ten events, then only counted', async () => {
    const room = await createTestApp();
    const { email: username } = await newUser(room.app);
    const before = sizeOf(await room.db.select().from(auditEvents));
    for (let i = 0; i < 40; i++) {
      const headers = { 'User-Agent': 'x'.repeat(4000), 'X-Request-Id': 'y'.repeat(128) };
      await logIn(room, { username, password: 'wrong password' }, HOME, headers);
    }
    const rows = await room.db.select().from(auditEvents);
    expect(rows.filter(({ outcome }) => outcome === 'failure')).toHaveLength(10);
    expect(sizeOf(rows) - before).toBeLessThan(11 * 500);
    expect(rows.map(({ requestId }) => requestId).join()).not.toContain('yyy');
    expect(await room.db.select().from(refusedLogins)).toMatchObject([{ count: 30 }]);
  });
});

describe('[S48] the use of a network that is new to the account is recorded', () => {
  test('for a login, except the very first', async () => {
    const room = await createTestApp();
    const { email: username, password } = await newUser(room.app);
    const fields = { username, password };
    await logIn(room, fields);
    await logIn(room, fields);
    expect(await eventsOf(room, 'new_network')).toEqual([]);
    await logIn(room, fields, '2001:db8:1:2::7');
    await logIn(room, fields, '2001:db8:1:2:8::8');
    const events = await eventsOf(room, 'new_network');
    expect(events).toMatchObject([{ address: '2001:db8:1:2::7', outcome: 'success' }]);
    room.advance(91 * 24 * HOUR);
    await logIn(room, fields);
    await logIn(room, fields, '2001:db8:1:2::7');
    expect(await eventsOf(room, 'new_network')).toHaveLength(2);
  });

  test('once for a session that is read or refreshed, whose last network is shown', async () => {
    const room = await createTestApp();
    const { email: username, password } = await newUser(room.app);
    const login = (await (await logIn(room, { username, password })).json()) as Record<
      string,
      string
    >;
    const headers = bearer(login.access_token ?? '');
    const read = (clientAddress: string) =>
      room.app.request('/profile/me', { headers }, { clientAddress });
    const lastNetworks = async () => {
      const answer = await room.app.request('/auth/sessions', { headers });
      const { sessions: list } = (await answer.json()) as { sessions: Record<string, unknown>[] };
      return list.map(({ last_network }) => last_network);
    };
    expect(await lastNetworks()).toEqual([HOME, null]);
    await read('203.0.113.9');
    expect(await lastNetworks()).toEqual([HOME, null]);
    room.advance(60);
    await read('203.0.113.9');
    await read('203.0.113.9');
    expect(await lastNetworks()).toEqual(['203.0.113.9', null]);
    const refresh = json('POST', { refresh_token: login.refresh_token });
    const clientAddress = '2001:db8:9:9::1';
    expect((await room.app.request('/auth/refresh', refresh, { clientAddress })).status).toBe(200);
    expect((await room.app.request('/auth/refresh', refresh, { clientAddress })).status).toBe(200);
    expect(await lastNetworks()).toEqual(['2001:db8:9:9::/64', null]);
    const events = await eventsOf(room, 'new_network');
    const [first] = await room.db.select().from(sessions);
    expect(first).toBeDefined();
    expect(events.map(({ address }) => address)).toEqual(['203.0.113.9', clientAddress]);
    expect(events.map(({ detail }) => JSON.parse(detail))).toEqual(
      Array(2).fill({ session: expect.stringMatching(/^[\w-]{22}$/) }),
    );
  });

  test('the use of a session does not make a network known; only a login does', async () => {
    const room = await createTestApp();
    const { email: username, password } = await newUser(room.app);
    const login = (await (await logIn(room, { username, password })).json()) as Record<
      string,
      string
    >;
    room.advance(60);
    const headers = bearer(login.access_token ?? '');
    await room.app.request('/profile/me', { headers }, { clientAddress: '203.0.113.9' });
    for (let n = 0; n < 20; n++) {
      await logIn(room, { username, password: 'wrong password' }, `192.0.2.${n}`);
    }
    expect((await logIn(room, { username, password }, '203.0.113.9')).status).toBe(400);
    expect((await logIn(room, { username, password })).status).toBe(200);
  });
});

test('[S48] a session that the session limit evicts is recorded, with its id', async () => {
  const room = await createTestApp({ SESSION_MAX_PER_USER: '2' });
  const { email: username, password } = await newUser(room.app);
  const [first] = await room.db.select({ id: sessions.id }).from(sessions);
  room.advance(1);
  for (let i = 0; i < 2; i++) await logIn(room, { username, password });
  const events = await eventsOf(room, 'session_evict');
  expect(events.map(({ detail }) => JSON.parse(detail))).toEqual([{ session: first?.id }]);
  room.advance(15 * 24 * HOUR);
  // Expired sessions do not count as evicted.
  await logIn(room, { username, password });
  expect(await eventsOf(room, 'session_evict')).toHaveLength(1);
});
