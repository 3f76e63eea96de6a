import { eq } from 'drizzle-orm';
import { describe, expect, test } from 'vitest';
import { knownDevices, loginFailures } from '../../src/core/db/account-schema.ts';
import { auditEvents, codes, sessions, users } from '../../src/core/db/schema.ts';
import { createAdminRoom } from '../support/acting-admins.ts';

async function scene() {
  const room = await createAdminRoom();
  const admin = await room.newAdmin();
  const user = await room.newPhoneUser('+919876543210', 'ada@example.com');
  await room.verify(user.token);
  return {
    room,
    user,
    act: (method: string, path: string, body?: object) =>
      room.act(admin.token, method, `/${user.id}${path}`, body),
    actions: async () =>
      (
        await room.db
          .select()
          .from(auditEvents)
          .where(eq(auditEvents.actorId, admin.id))
          .orderBy(auditEvents.id)
      ).map(({ action, detail }) => [action, (JSON.parse(detail) as { fields?: unknown }).fields]),
  };
}

describe('what changes nothing answers 200, and is neither recorded nor reported', () => {
  test('[S77] POST /admin/users/{id}/unlock without a lock or a failure', async () => {
    const { room, user, act, actions } = await scene();
    expect(await act('POST', '/unlock')).toBe(200);
    const before = await actions();
    const at = room.deps.clock();
    const failures = [
      () => room.db.update(users).set({ failedLogins: 1 }).where(eq(users.id, user.id)),
      () => room.db.update(users).set({ codesLockedUntil: at }).where(eq(users.id, user.id)),
      () => room.db.update(knownDevices).set({ failures: 1 }),
      () =>
        room.db.insert(loginFailures).values({
          ...{ userId: user.id, network: '198.51.100.1', failures: 1, failingSince: at },
        }),
    ];
    await room.logIn(user.phone, user.password);
    for (const fail of failures) {
      await fail();
      expect(await act('POST', '/unlock')).toBe(200);
      expect(await room.message()).toMatchObject({ kind: 'admin_unlocked' });
      expect(await act('POST', '/unlock')).toBe(200);
      expect(await room.received()).toEqual([]);
    }
    const unlocks = (await actions()).filter(([action]) => action === 'account_unlock');
    expect([before.length, unlocks.length]).toEqual([1, failures.length]);
  });

  test('[S77] PATCH /admin/users/{id} with what the account has; only changes are recorded', async () => {
    const { room, act, actions } = await scene();
    await act('PATCH', '', { name: 'Ada' });
    await act('PATCH', '', { phone: null });
    await room.received();
    for (const body of [{ name: 'Ada' }, { bio: null }, { bio: '' }, { phone: null }, {}]) {
      expect([body, await act('PATCH', '', body)]).toEqual([body, 200]);
    }
    expect(await room.received()).toEqual([]);
    expect(await act('PATCH', '', { name: 'Ada', bio: 'First.', phone: null })).toBe(200);
    expect((await actions()).slice(1)).toEqual([
      ['account_update', ['name']],
      ['account_update', ['phone']],
      ['account_update', ['bio']],
    ]);
  });

  test('[S77] PATCH /admin/users/{id} twice at once', async () => {
    const { room, act, actions } = await scene();
    const patch = () => act('PATCH', '', { name: 'Ada' });
    expect(await Promise.all([patch(), patch(), patch()])).toEqual([200, 200, 200]);
    expect((await actions()).slice(1)).toEqual([['account_update', ['name']]]);
    expect(await room.received()).toHaveLength(1);
  });
});

describe('PATCH /admin/users/{id} that takes addresses away', () => {
  test('leaves an account that has another one as it is', async () => {
    const { room, user, act } = await scene();
    expect(await act('PATCH', '', { phone: null })).toBe(200);
    expect((await room.profile(user.token)).status).toBe(200);
    expect(await room.db.select().from(users).where(eq(users.id, user.id))).toMatchObject([
      { disabledAt: null },
    ]);
  });

  test.each([
    ['one after the other', [{ phone: null }, { email: null }]],
    ['both at once', [{ email: null, phone: null }]],
  ])('disables it without any, %s: sessions, devices and codes end', async (_, bodies) => {
    const { room, user, act } = await scene();
    await room.logIn(user.phone, user.password);
    await room.post('/auth/code', { username: 'ada@example.com' });
    for (const body of bodies) expect(await act('PATCH', '', body)).toBe(200);
    expect((await room.profile(user.token)).status).toBe(401);
    for (const table of [sessions, knownDevices, codes]) {
      expect(await room.db.select().from(table).where(eq(table.userId, user.id))).toEqual([]);
    }
    const [row] = await room.db.select().from(users).where(eq(users.id, user.id));
    expect(row).toMatchObject({ disabledAt: room.deps.clock(), passwordHash: expect.any(String) });
  });
});
