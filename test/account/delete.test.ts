import { eq, getTableName, is, sql } from 'drizzle-orm';
import { getTableConfig, SQLiteTable } from 'drizzle-orm/sqlite-core';
import { decodeJwt } from 'jose';
import { describe, expect, test } from 'vitest';
import * as accountSchema from '../../src/core/db/account-schema.ts';
import { deletedAccounts } from '../../src/core/db/account-schema.ts';
import type { Database } from '../../src/core/db/database.ts';
import * as schema from '../../src/core/db/schema.ts';
import { auditEvents, outbox, users } from '../../src/core/db/schema.ts';
import { createAccountStore } from '../../src/features/account/store.ts';
import { eventsAt } from '../../src/features/audit/event.ts';
import { codeOf, createMailRoom, HERE, type MailRoom } from '../support/mail-room.ts';
import { production } from '../support/settings.ts';
import { bearer, createTestApp, newUser } from '../support/test-app.ts';

const FRESH_SECONDS = 600;
const password = 'analytical engine';

const remove = (room: Pick<MailRoom, 'send'>, token: string) =>
  room.send('/profile/me', { method: 'DELETE', headers: bearer(token) });

const tables = [...Object.values(schema), ...Object.values(accountSchema)].filter((table) =>
  is(table, SQLiteTable),
);

/**
 * Tables whose rows outlive the account, and hold nothing about it but its id, and that which it had elsewhere; of
 * pictures until their files are deleted.
 */
const LASTING = ['audit_events', 'avatars', 'deleted_accounts', 'imports'];

/** Every column that refers to an account, as its table and its name. */
const references = tables.flatMap((table) => {
  const { name, columns, foreignKeys } = getTableConfig(table);
  const keys = foreignKeys.flatMap((key) => {
    const { columns: own, foreignTable } = key.reference();
    return getTableName(foreignTable) === 'users' ? own.map((column) => column.name) : [];
  });
  const named = columns
    .map((column) => column.name)
    .filter((each) => /user|subject|actor/.test(each));
  return [...new Set([...keys, ...named])]
    .filter((column) => column !== 'user_agent')
    .map((column) => ({ table: name, column, isKey: keys.includes(column) }));
});

describe('DELETE /profile/me', () => {
  test('[S70] answers 204; the tokens are over, the name is unknown, and a sign-up gets another id', async () => {
    const room = await createMailRoom();
    const account = await room.newUser();
    const other = await room.tokenOf(account.email, password);
    expect((await remove(room, account.token)).status).toBe(204);
    for (const token of [account.token, other]) {
      expect(await codeOf(await room.send('/profile/me', { headers: bearer(token) }))).toBe(
        'invalid_token',
      );
      expect(await codeOf(await remove(room, token))).toBe('invalid_token');
    }
    expect(await room.logIn(account.email, password)).toBe(400);
    const again = await room.newUser();
    expect(again.id).toBeGreaterThan(account.id);
    expect((await room.profile(again.token)).body).toMatchObject({ id: again.id, name: null });
    expect((await room.profile(account.token)).status).toBe(401);
  });

  test('[S70] without a token, or ten minutes after the login, answers 401 and deletes nothing', async () => {
    const room = await createMailRoom();
    const { id, token } = await room.newUser();
    const bare = await room.send('/profile/me', { method: 'DELETE' });
    expect(await codeOf(bare)).toBe('not_authenticated');
    room.advance(FRESH_SECONDS + 1);
    expect(await codeOf(await remove(room, token))).toBe('reauthentication_required');
    expect((await room.profile(token)).body).toMatchObject({ id });
    const fresh = await room.post('/auth/reauthenticate', { password }, bearer(token));
    const { access_token } = (await fresh.json()) as { access_token: string };
    expect((await remove(room, access_token)).status).toBe(204);
  });

  test('[S70] of an account without a verified address answers 204 and sends nothing: the address may be that of somebody else', async () => {
    const room = await createMailRoom();
    const { token } = await room.newUser();
    expect((await remove(room, token)).status).toBe(204);
    expect(await room.received()).toEqual([]);
    expect(await room.db.select().from(outbox)).toEqual([]);
  });

  test.each([null, 'en', 'hi'])(
    '[S70] tells it in the language of the account, %s, whatever the request prefers',
    async (locale) => {
      const room = await createMailRoom();
      const { token, email } = await room.newVerifiedUser('Ada.L@Example.com');
      await room.db.update(users).set({ locale });
      const headers = { ...bearer(token), 'Accept-Language': locale === 'hi' ? 'en' : 'hi' };
      await room.send('/profile/me', { method: 'DELETE', headers });
      const notice = await room.message();
      expect([notice.kind, notice.to, notice.locale]).toEqual(['deleted', email, locale ?? 'en']);
      expect([notice.code, notice.tokens]).toEqual([undefined, {}]);
    },
  );

  test('[S70] tells a verified phone number before an email address that is not verified', async () => {
    const room = await createMailRoom();
    const { token } = await room.newPhoneUser('+919876543210', 'ada@example.com');
    await room.verify(token, 'phone');
    await remove(room, token);
    expect(await room.message()).toMatchObject({ kind: 'deleted', to: '+919876543210' });
  });

  test('without a sender answers 204 and queues nothing', async () => {
    const { app, db } = await createTestApp({ ...production, PASSWORD_ROUNDS: '6' });
    const { token } = await newUser(app);
    const answer = await app.request('/profile/me', { method: 'DELETE', headers: bearer(token) });
    expect(answer.status).toBe(204);
    expect(await db.select().from(outbox)).toEqual([]);
  });

  test('[S70] messages that wait for the account are not sent any more', async () => {
    const room = await createMailRoom();
    const { token, email } = await room.newUser();
    room.senders.next.result = () => ({ kind: 'later', reason: 'busy' });
    await room.post('/auth/verification', { channel: 'email' }, bearer(token));
    await room.post('/auth/password/forgot', { username: email });
    await room.received();
    expect((await room.db.select().from(outbox)).map(({ state }) => state)).toContain('waiting');
    room.senders.next.result = () => ({ kind: 'sent' });
    await room.db.update(users).set({ emailVerifiedAt: 1 });
    await remove(room, token);
    room.advance(3600);
    await room.deliver();
    expect((await room.received()).map(({ kind }) => kind)).toEqual(['deleted']);
    expect((await room.db.select().from(outbox)).map(({ kind, userId }) => [kind, userId])).toEqual(
      [['deleted', null]],
    );
  });

  test('[S70] the links of the account are over, also the one that undoes a change', async () => {
    const room = await createMailRoom();
    const { id, token, email } = await room.newVerifiedUser();
    await room.post('/auth/email/change', { email: 'new@example.com' }, bearer(token));
    const change = await room.message();
    await room.post('/auth/email/confirm', { token: change.tokens.change });
    const undo = (await room.message()).tokens.undo;
    expect(undo).toBeTypeOf('string');
    await remove(room, token);
    expect(await codeOf(await room.post('/auth/email/undo', { token: undo }))).toBe('invalid_code');
    for (const address of [email, 'new@example.com']) {
      expect((await room.newUser(address)).id).toBeGreaterThan(id);
    }
  });

  test('[S70] empties every table that refers to accounts; audit events keep neither address, agent nor detail, and imports no fingerprint', async () => {
    const room = await createMailRoom();
    const account = await room.newVerifiedUser();
    const { db } = room;
    const bystander = await room.newUser('eve@example.com');
    await fill(room, account);
    await fill(room, bystander);
    expect(references.length).toBeGreaterThan(9);
    const count = async ({ table, column }: { table: string; column: string }, id: number) => {
      const name = sql.raw(`"${table}"`);
      const rows = await db.all<{ n: number }>(
        sql`select count(*) as n from ${name} where ${sql.raw(column)} = ${id}`,
      );
      return Number(rows[0]?.n);
    };
    const mine = references.filter(({ table }) => !LASTING.includes(table));
    const before = await Promise.all(mine.map((each) => count(each, bystander.id)));
    for (const each of mine) expect([each, await count(each, account.id)]).not.toEqual([each, 0]);
    const token = await room.tokenOf(account.email, password);
    await remove(room, token);
    for (const each of mine) expect([each, await count(each, account.id)]).toEqual([each, 0]);
    expect(await Promise.all(mine.map((each) => count(each, bystander.id)))).toEqual(before);
    expect(mine.every(({ isKey }) => isKey)).toBe(true);

    const imported = await db.select().from(accountSchema.imports);
    expect(imported.map(({ userId, fingerprint }) => [userId, fingerprint])).toEqual([
      [account.id, null],
      [bystander.id, 'abcd'],
    ]);
    await room.idle();
    const events = await eventsOf(room, account.id);
    expect(events.map(({ action }) => action)).toContain('login');
    expect(events.at(-1)).toMatchObject({ action: 'account_delete', actorId: account.id });
    for (const event of events) {
      expect(event).toMatchObject({ address: null, userAgent: null, detail: '{}' });
    }
    const others = await eventsOf(room, bystander.id);
    expect(others.some(({ address }) => address === HERE)).toBe(true);
  });
});

const CALLER = { requestId: 'r', address: HERE, network: HERE, userAgent: 'curl/8.5.0' };

const sessionOf = (token: string): string => String(decodeJwt(token).sid);

async function addEvents(db: Database, id: number, count: number): Promise<void> {
  await db.run(
    sql`insert into audit_events (at, subject_id, action, outcome, address, request_id)
      with recursive n(i) as (select 1 union all select i + 1 from n where i < ${count})
      select i, ${id}, 'login', 'success', ${HERE}, i from n`,
  );
}

/** The number of events of an account that have an address, a user agent or details. */
const uncleared = async (db: Database, id: number): Promise<number> =>
  (await eventsOf({ db }, id)).filter(
    ({ address, userAgent, detail }) => address !== null || userAgent !== null || detail !== '{}',
  ).length;

const eventsOf = ({ db }: Pick<MailRoom, 'db'>, id: number) =>
  db.select().from(auditEvents).where(eq(auditEvents.subjectId, id)).orderBy(auditEvents.id);

/** Gives an account a row in every table that refers to accounts. */
async function fill(
  room: MailRoom,
  { id, email, token }: { id: number; email: string; token: string },
) {
  const { db } = room;
  await room.tokenOf(email, 'wrong');
  await room.tokenOf(email, password);
  await room.post('/auth/phone/change', { phone: `+91987654321${id % 10}` }, bearer(token));
  await room.received();
  const at = room.deps.clock();
  await db.insert(accountSchema.reservedAddresses).values({
    ...{ channel: 'email', address: `old-${id}@example.com`, entered: `old-${id}@example.com` },
    ...{ userId: id, verifiedAt: at, reservedUntil: at + 1e9 },
  });
  await db.insert(accountSchema.knownDevices).values({
    ...{ id: `device-${id}`, userId: id, hash: `hash-${id}` },
    ...{ createdAt: at, lastUsedAt: at, expiresAt: at + 1e9 },
  });
  await db.insert(accountSchema.notices).values({ userId: id, kind: 'lockout', sentAt: at });
  await db.insert(accountSchema.loginFailures).values({
    ...{ userId: id, network: '198.51.100.1', failures: 1, failingSince: at },
  });
  await db.insert(accountSchema.userRoles).values({ userId: id, role: 'editor', grantedAt: at });
  await db.insert(accountSchema.imports).values({
    ...{ source: 'pms', sourceId: String(id), userId: id, importedAt: at, fingerprint: 'abcd' },
  });
  await db.update(users).set({ locale: 'hi' }).where(eq(users.id, id));
}

describe('the events of deleted accounts', () => {
  /** Deletes an account with events whose clearing has not started. */
  async function deletedWith(count: number) {
    const room = await createMailRoom();
    const { db, deps } = room;
    const accounts = createAccountStore(deps);
    async function deleteUser(email: string): Promise<number> {
      const { id, token } = await room.newUser(email);
      await addEvents(db, id, count);
      const owner = { id, sessionId: sessionOf(token) };
      const event = eventsAt(deps.clock)(CALLER, id, 'account_delete');
      expect(await accounts.delete(owner, event, undefined)).toBe(true);
      return id;
    }
    const id = await deleteUser('ada@example.com');
    return { ...room, id, accounts, deleteUser, left: (of = id) => uncleared(db, of) };
  }

  test('are cleared in batches, of which two servers each take their own', async () => {
    const { accounts, deps, left } = await deletedWith(37);
    const other = createAccountStore(deps);
    expect(await left()).toBe(38);
    expect(await accounts.clearEvents(10)).toBe(10);
    expect(await Promise.all([accounts.clearEvents(10), other.clearEvents(10)])).toEqual([10, 10]);
    expect(await left()).toBe(10);
    expect(await other.clearEvents(11)).toBe(10);
    expect(await Promise.all([accounts.clearEvents(10), other.clearEvents(10)])).toEqual([0, 0]);
  });

  test('of several accounts are cleared by one batch', async () => {
    const { accounts, left, deleteUser } = await deletedWith(5);
    const eve = await deleteUser('eve@example.com');
    expect([await left(), await left(eve)]).toEqual([6, 6]);
    expect(await accounts.clearEvents(12)).toBe(12);
    expect([await left(), await left(eve)]).toEqual([0, 4]);
    expect(await accounts.clearEvents(12)).toBe(4);
    expect(await left(eve)).toBe(0);
  });

  test('[S70] that a request in flight records later are cleared by the next run; after a day the account is forgotten', async () => {
    const { db, id, tick, advance, left, accounts } = await deletedWith(1);
    expect(await tick()).toMatchObject({ deleted_account_events: 4, deleted_accounts: 0 });
    await addEvents(db, id, 2);
    expect(await left()).toBe(2);
    advance(86_400 - 1);
    expect(await tick()).toMatchObject({ deleted_account_events: 2, deleted_accounts: 0 });
    await addEvents(db, id, 1);
    advance(1);
    expect(await accounts.removeCleared(9)).toBe(0);
    expect(await tick()).toMatchObject({ deleted_account_events: 1, deleted_accounts: 1 });
    expect(await db.select().from(deletedAccounts)).toEqual([]);
    expect(await left()).toBe(0);
  });

  test('more than a request clears are left to housekeeping', async () => {
    const room = await createMailRoom();
    const { id, token } = await room.newUser();
    await addEvents(room.db, id, 6000);
    await remove(room, token);
    await room.idle();
    expect(await uncleared(room.db, id)).toBe(1003);
    expect(await room.tick()).toMatchObject({ deleted_account_events: 1003 });
    expect(await uncleared(room.db, id)).toBe(0);
  });
});
