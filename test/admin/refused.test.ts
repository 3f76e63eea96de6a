import { eq, sql } from 'drizzle-orm';
import { describe, expect, test } from 'vitest';
import { userRoles } from '../../src/core/db/account-schema.ts';
import { auditEvents, outbox, users } from '../../src/core/db/schema.ts';
import { ACTIONS, type AdminRoom, createAdminRoom, REASON } from '../support/acting-admins.ts';
import { codeOf } from '../support/mail-room.ts';

const titled = ACTIONS.map(
  ([method, path, body]) => [`${method} /admin/users${path}`, method, path, body] as const,
);

/** What actions change. */
const stateOf = async ({ db, idle }: AdminRoom) => {
  await idle();
  return JSON.stringify([
    await db.select().from(users),
    await db.select().from(userRoles),
    await db.select().from(auditEvents),
    (await db.select().from(outbox)).map(({ id }) => id),
  ]);
};

describe('who may not act', () => {
  test.each(titled)(
    '[S77] %s: users and supporters get forbidden, a stale, ended or disabled administrator 401; nothing changes',
    async (_, method, path, body) => {
      const room = await createAdminRoom();
      const target = await room.newVerifiedUser('ada@example.com');
      const user = await room.newUser('eve@example.com');
      const support = await room.newSupporter();
      const admin = await room.newAdmin();
      const ended = await room.newAdmin('ended@example.com');
      const disabled = await room.newAdmin('disabled@example.com');
      await room.send('/auth/sessions?all=true', {
        method: 'DELETE',
        headers: { Authorization: `Bearer ${ended.token}` },
      });
      await room.db.update(users).set({ disabledAt: 1 }).where(eq(users.id, disabled.id));
      const before = await stateOf(room);
      const act = (token: string) =>
        room.act(token, method, path.replace('{id}', String(target.id)), body);
      expect(await act(user.token)).toBe('forbidden');
      expect(await act(support.token)).toBe('forbidden');
      expect(await act(ended.token)).toBe('invalid_token');
      expect(await act(disabled.token)).toBe('invalid_token');
      expect(await act('none')).toBe('invalid_token');
      room.advance(601);
      expect(await act(admin.token)).toBe('reauthentication_required');
      // No re-authentication helps an account without the role.
      expect(await act(support.token)).toBe('forbidden');
      expect(await stateOf(room)).toBe(before);
    },
    20_000,
  );

  test.each(titled)(
    '[S75] %s: a role taken away while the action is on its way changes nothing',
    async (_, method, path, body) => {
      const room = await createAdminRoom();
      const target = await room.newVerifiedUser('ada@example.com');
      await room.newAdmin('other@example.com');
      const admin = await room.newAdmin();
      const { sessions } = room.deps;
      const { findMember } = sessions;
      let before = '';
      /** Does something between the check of the guard and the change. */
      const between = (change: () => Promise<unknown>) =>
        Object.assign(sessions, {
          async findMember(id: string, userId: number) {
            Object.assign(sessions, { findMember });
            const found = await findMember(id, userId);
            await change();
            before = await stateOf(room);
            return found;
          },
        });
      const act = () =>
        room.act(admin.token, method, path.replace('{id}', String(target.id)), body);
      between(() => room.db.delete(userRoles).where(eq(userRoles.userId, admin.id)));
      expect(await act()).toBe('forbidden');
      expect(await stateOf(room)).toBe(before);
      await room.grant(admin.id, 'admin');
      between(() => room.db.run(sql`update sessions set auth_time = 1`));
      expect(await act()).toBe('reauthentication_required');
      expect(await stateOf(room)).toBe(before);
      await room.db.run(sql`update sessions set auth_time = null`);
      between(() => room.db.run(sql`delete from sessions`));
      expect(await act()).toBe('invalid_token');
      expect(await stateOf(room)).toBe(before);
    },
    20_000,
  );
});

describe('accounts that do not exist', () => {
  test.each(titled)('%s answers 404, and 422 for what is no id', async (_, method, path, body) => {
    const room = await createAdminRoom();
    const admin = await room.newAdmin();
    const gone = await room.newUser();
    await room.act(admin.token, 'DELETE', `/${gone.id}`);
    const before = await stateOf(room);
    for (const id of [gone.id, gone.id + 1, 999_999_999_999_999]) {
      expect(await room.act(admin.token, method, path.replace('{id}', String(id)), body)).toBe(
        'not_found',
      );
    }
    for (const id of [
      '0',
      '-1',
      '01',
      '1.0',
      '1e3',
      'me',
      `${admin.id}%20`,
      "1'--",
      '9'.repeat(16),
    ]) {
      expect(await room.act(admin.token, method, path.replace('{id}', id), body)).toBe(
        'validation_failed',
      );
    }
    expect(await stateOf(room)).toBe(before);
  });
});

describe('the reason', () => {
  const QUOTES = `'); drop table users; -- " \\ \${x} {"operator":"x"}`;

  test.each(titled)(
    '%s without one answers 422, and with a control character or 501 characters',
    async (_, method, path, body) => {
      const room = await createAdminRoom();
      const admin = await room.newAdmin();
      const target = await room.newUser();
      const before = await stateOf(room);
      const url = path.replace('{id}', String(target.id));
      const withReason = async (reason: unknown) =>
        codeOf(
          await (method === 'DELETE'
            ? room.call(
                admin.token,
                method,
                reason === undefined ? url : `${url}?reason=${encodeURIComponent(String(reason))}`,
              )
            : room.call(admin.token, method, url, { ...body, reason })),
        );
      for (const reason of [undefined, '', '  ', 'a\u0000b', 'a\nb', 'a\u0085b', 'x'.repeat(501)]) {
        expect([reason, await withReason(reason)]).toEqual([reason, 'validation_failed']);
      }
      expect(await stateOf(room)).toBe(before);
    },
  );

  test.each([QUOTES, 'a\u2028b\u2029c', '😀'.repeat(500), '\u202eevil', 'null', '[]'])(
    '%j is recorded as it is, and nothing else',
    async (reason) => {
      const room = await createAdminRoom();
      const admin = await room.newAdmin();
      const user = await room.newUser();
      const roles = { roles: ['editor'], reason };
      expect((await room.call(admin.token, 'PUT', `/${user.id}/roles`, roles)).status).toBe(200);
      const name = { name: 'Ada', reason };
      expect((await room.call(admin.token, 'PATCH', `/${user.id}`, name)).status).toBe(200);
      expect((await room.activityOf(user.token)).slice(0, 2).map(({ detail }) => detail)).toEqual([
        { reason, fields: ['name'] },
        { reason, granted: ['editor'], revoked: [] },
      ]);
    },
  );

  test('roles with spaces, quotes or other letters answer 422', async () => {
    const room = await createAdminRoom();
    const admin = await room.newAdmin();
    for (const role of ['', 'Admin', 'a b', "a'b", 'ä', 'a\u0000', 'x'.repeat(33), 1, null]) {
      const body = { roles: [role], reason: REASON };
      const answer = await room.call(admin.token, 'PUT', `/${admin.id}/roles`, body);
      expect(await codeOf(answer)).toBe('validation_failed');
    }
  });
});
