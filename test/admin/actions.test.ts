import { and, desc, eq } from 'drizzle-orm';
import { describe, expect, test } from 'vitest';
import {
  imports,
  knownDevices,
  loginFailures,
  reservedAddresses,
  userRoles,
} from '../../src/core/db/account-schema.ts';
import { auditEvents, codes, users } from '../../src/core/db/schema.ts';
import { type AdminRoom, createAdminRoom, REASON } from '../support/acting-admins.ts';
import { codeOf, HERE } from '../support/mail-room.ts';
import { bearer } from '../support/test-app.ts';

const eventsOf = async ({ db }: AdminRoom, subjectId: number, action: string) => {
  const events = await db
    .select()
    .from(auditEvents)
    .where(and(eq(auditEvents.subjectId, subjectId), eq(auditEvents.action, action)))
    .orderBy(desc(auditEvents.id));
  return events.map((event) => ({ ...event, detail: JSON.parse(event.detail) as unknown }));
};

async function scene() {
  const room = await createAdminRoom();
  const admin = await room.newAdmin();
  const user = await room.newVerifiedUser('ada@example.com');
  const other = await room.newUser('eve@example.com');
  /** Takes an action on the user. Returns the body of the answer. */
  async function take(method: string, path: string, body: object = {}) {
    const answer = await room.call(admin.token, method, `/${user.id}${path}`, {
      reason: REASON,
      ...body,
    });
    expect(answer.status).toBe(200);
    return (await answer.json()) as Record<string, unknown>;
  }
  return {
    ...{ room, admin, user, other, take },
    isLive: async (token = user.token) => (await room.profile(token)).status === 200,
    devices: () => room.db.select().from(knownDevices).where(eq(knownDevices.userId, user.id)),
    events: (action: string) => eventsOf(room, user.id, action),
  };
}

describe('POST /admin/users/{id}/disable and /enable', () => {
  test('[S77] disabling ends all access at once, is recorded with its reason, and is reported', async () => {
    const { room, admin, user, other, take, isLive, devices, events } = await scene();
    await room.post('/auth/code', { username: user.email });
    const { tokens } = await room.message();
    expect(await take('POST', '/disable')).toMatchObject({
      id: user.id,
      disabled_at: '2026-01-01T12:01:00.000Z',
    });
    expect([await isLive(), await isLive(other.token)]).toEqual([false, true]);
    expect(await room.logIn(user.email, user.password)).toBe(400);
    expect(await codeOf(await room.post('/auth/code/login', { token: tokens.login }))).not.toBe(
      200,
    );
    expect(await devices()).toEqual([]);
    expect(await events('account_disable')).toMatchObject([
      { actorId: admin.id, outcome: 'success', address: HERE, detail: { reason: REASON } },
    ]);
    expect(await room.message()).toMatchObject({ kind: 'admin_disabled', to: user.email });
  });

  test('enabling lets the owner log in, and is recorded and reported', async () => {
    const { room, admin, user, take, events } = await scene();
    await take('POST', '/disable');
    await room.message();
    expect(await take('POST', '/enable')).toMatchObject({ disabled_at: null });
    expect(await room.logIn(user.email, user.password)).toBe(200);
    expect(await events('account_enable')).toMatchObject([
      { actorId: admin.id, detail: { reason: REASON } },
    ]);
    expect(await room.message()).toMatchObject({ kind: 'admin_enabled', to: user.email });
  });

  test('a second time answers 200, and neither records nor reports it', async () => {
    const { room, take, events } = await scene();
    await take('POST', '/enable');
    await take('POST', '/disable');
    await room.message();
    room.advance(60);
    expect(await take('POST', '/disable')).toMatchObject({
      disabled_at: '2026-01-01T12:01:00.000Z',
    });
    expect(await events('account_enable')).toEqual([]);
    expect(await events('account_disable')).toHaveLength(1);
    expect(await room.received()).toEqual([]);
  });
});

describe('POST /admin/users/{id}/unlock', () => {
  test('ends the lockouts after wrong passwords and codes, of the account, its networks and devices', async () => {
    const { room, admin, user, take, events, devices } = await scene();
    const far = room.deps.clock() + 3_600_000;
    await room.db
      .update(users)
      .set({ failedLogins: 80, failingSince: 1, lockedUntil: far, knownFailures: 20 })
      .where(eq(users.id, user.id));
    await room.db
      .update(users)
      .set({ codesLockedUntil: far, codeFailures: 20, sessionCodesLockedUntil: far })
      .where(eq(users.id, user.id));
    await room.db.update(knownDevices).set({ failures: 5 });
    await room.db.insert(loginFailures).values({
      userId: user.id,
      network: HERE,
      failures: 10,
      failingSince: far,
      lockedUntil: far,
    });
    expect(await room.logIn(user.email, user.password)).toBe(400);
    expect(await take('POST', '/unlock')).toMatchObject({ locked_until: null });
    expect((await devices()).map(({ failures }) => failures)).toEqual([0]);
    const [row] = await room.db.select().from(users).where(eq(users.id, user.id));
    expect(row).toMatchObject({
      ...{ failedLogins: 0, failingSince: null, knownFailures: 0, codeFailures: 0 },
      ...{ codesLockedUntil: null, sessionCodesLockedUntil: null },
    });
    expect(await room.logIn(user.email, user.password)).toBe(200);
    expect(await events('account_unlock')).toMatchObject([
      { actorId: admin.id, detail: { reason: REASON } },
    ]);
    expect(await room.message()).toMatchObject({ kind: 'admin_unlocked' });
  });
});

describe('POST /admin/users/{id}/sign-out', () => {
  test('ends all sessions and devices and the changes of address in progress, and not the password', async () => {
    const { room, admin, user, take, isLive, devices, events } = await scene();
    await room.post('/auth/email/change', { email: 'thief@example.com' }, bearer(user.token));
    const change = await room.message();
    await take('POST', '/sign-out');
    expect([await isLive(), await isLive(admin.token)]).toEqual([false, true]);
    expect(await devices()).toEqual([]);
    expect(
      await codeOf(await room.post('/auth/email/confirm', { token: change.tokens.change })),
    ).toBe('invalid_code');
    expect(await events('sign_out')).toMatchObject([
      { actorId: admin.id, detail: { reason: REASON } },
    ]);
    expect(await room.message()).toMatchObject({ kind: 'admin_signed_out', to: user.email });
    expect(await room.logIn(user.email, user.password)).toBe(200);
  });
});

describe('POST /admin/users/{id}/require-reset', () => {
  test('[S78] removes the password and all access; the link of the message sets a new one once', async () => {
    const { room, admin, user, take, isLive, devices, events } = await scene();
    expect(await take('POST', '/require-reset')).toMatchObject({ has_password: false });
    expect(await isLive()).toBe(false);
    expect(await devices()).toEqual([]);
    expect(await room.logIn(user.email, user.password)).toBe(400);
    const message = await room.message();
    expect(message).toMatchObject({ kind: 'reset_required', to: user.email });
    expect(await events('reset_require')).toMatchObject([
      { actorId: admin.id, detail: { reason: REASON } },
    ]);
    const reset = () =>
      room.post('/auth/password/reset', {
        token: message.tokens.reset,
        new_password: 'difference engine',
      });
    expect(await codeOf(await reset())).toBe(204);
    expect(await codeOf(await reset())).toBe('invalid_code');
    expect(await room.logIn(user.email, 'difference engine')).toBe(200);
  });

  test('goes to the only address, also if it is not verified; a disabled account gets no link', async () => {
    const { room, admin, other } = await scene();
    expect(await room.act(admin.token, 'POST', `/${other.id}/require-reset`)).toBe(200);
    expect(await room.message()).toMatchObject({ kind: 'reset_required', to: other.email });
    await room.act(admin.token, 'POST', `/${other.id}/disable`);
    expect(await room.act(admin.token, 'POST', `/${other.id}/require-reset`)).toBe(200);
    expect(await room.received()).toEqual([]);
  });

  test('an account without an address answers 409 no_address, and keeps its password', async () => {
    const { room, admin, user, take } = await scene();
    await take('PATCH', '', { email: null });
    expect(await room.act(admin.token, 'POST', `/${user.id}/require-reset`)).toBe('no_address');
    const [row] = await room.db.select().from(users).where(eq(users.id, user.id));
    expect(row?.passwordHash).not.toBeNull();
  });
});

describe('PUT /admin/users/{id}/roles', () => {
  const rolesOf = ({ db }: AdminRoom, id: number) =>
    db.select({ role: userRoles.role }).from(userRoles).where(eq(userRoles.userId, id));

  test('[S75] replaces the roles, which have effect at the next request, and records which changed', async () => {
    const { room, admin, user, take, events } = await scene();
    expect(await take('PUT', '/roles', { roles: ['support', 'b', 'a', 'b'] })).toMatchObject({
      roles: ['a', 'b', 'support'],
    });
    expect(await events('role_change')).toMatchObject([
      {
        actorId: admin.id,
        detail: { reason: REASON, granted: ['a', 'b', 'support'], revoked: [] },
      },
    ]);
    expect(await room.message()).toMatchObject({ kind: 'admin_roles', to: user.email });
    expect((await room.call(user.token, 'GET', `/${admin.id}`)).status).toBe(200);
    await take('PUT', '/roles', { roles: ['b', 'c'] });
    expect(await codeOf(await room.call(user.token, 'GET', `/${admin.id}`))).toBe('forbidden');
    expect((await events('role_change'))[0]?.detail).toEqual({
      ...{ reason: REASON, granted: ['c'], revoked: ['a', 'support'] },
    });
    expect(await rolesOf(room, user.id)).toEqual([{ role: 'b' }, { role: 'c' }]);
    expect(await rolesOf(room, admin.id)).toEqual([{ role: 'admin' }]);
  });

  test('the same roles answer 200, and are neither recorded nor reported', async () => {
    const { room, take, events } = await scene();
    await take('PUT', '/roles', { roles: [] });
    await take('PUT', '/roles', { roles: ['b', 'a'] });
    await room.message();
    await take('PUT', '/roles', { roles: ['a', 'b', 'b'] });
    expect(await events('role_change')).toHaveLength(1);
    expect(await room.received()).toEqual([]);
  });

  test('20 roles are accepted, 21 are not', async () => {
    const { room, admin, user, take } = await scene();
    const roles = Array.from({ length: 21 }, (_, i) => `role-${i}`);
    expect((await take('PUT', '/roles', { roles: roles.slice(1) })).roles).toHaveLength(20);
    expect(await room.act(admin.token, 'PUT', `/${user.id}/roles`, { roles })).toBe(
      'validation_failed',
    );
  });
});

describe('PATCH /admin/users/{id}', () => {
  test('changes name and biography, and records which', async () => {
    const { room, admin, user, take, events } = await scene();
    expect(await take('PATCH', '', { name: 'Ada', bio: 'First.' })).toMatchObject({
      ...{ name: 'Ada', bio: 'First.', email: user.email, email_verified: true },
    });
    expect(await take('PATCH', '', { name: null, bio: null })).toMatchObject({
      name: null,
      bio: '',
    });
    expect(await events('account_update')).toMatchObject([
      { actorId: admin.id, detail: { reason: REASON, fields: ['name', 'bio'] } },
      { actorId: admin.id, detail: { reason: REASON, fields: ['name', 'bio'] } },
    ]);
    expect((await room.received()).map(({ kind }) => kind)).toEqual([
      'admin_changed',
      'admin_changed',
    ]);
  });

  test('takes an address away with its links, codes and reservations; without another one, disables', async () => {
    const { room, user, take, events, isLive } = await scene();
    await room.post('/auth/email/change', { email: 'new@example.com' }, bearer(user.token));
    await room.post('/auth/email/confirm', { token: (await room.message()).tokens.change });
    const { undo } = (await room.message()).tokens;
    expect(await take('PATCH', '', { email: null })).toMatchObject({
      ...{ email: null, email_verified: false, disabled_at: '2026-01-01T12:01:00.000Z' },
    });
    expect(await room.message()).toMatchObject({ kind: 'admin_changed', to: 'new@example.com' });
    expect(await room.db.select().from(reservedAddresses)).toEqual([]);
    expect(await room.db.select().from(codes).where(eq(codes.userId, user.id))).toEqual([]);
    expect(await codeOf(await room.post('/auth/email/undo', { token: undo }))).toBe('invalid_code');
    expect(await isLive()).toBe(false);
    for (const address of [user.email, 'new@example.com']) {
      expect((await room.newUser(address)).id).toBeGreaterThan(user.id);
    }
    expect((await events('account_update'))[0]?.detail).toEqual({
      ...{ fields: ['email'], reason: REASON },
    });
  });

  test('an address is never set; nothing to change is not recorded', async () => {
    const { room, admin, user, take, events } = await scene();
    for (const member of [{ email: 'mine@example.com' }, { phone: '+919876543210' }]) {
      expect(await room.act(admin.token, 'PATCH', `/${user.id}`, member)).toBe('validation_failed');
    }
    await take('PATCH', '', {});
    await take('PATCH', '', { phone: null });
    expect(await events('account_update')).toEqual([]);
  });
});

describe('DELETE /admin/users/{id}', () => {
  test('deletes the account as its owner can: its name is free, its events are cleared, a notice is sent', async () => {
    const { room, admin, user, isLive, events } = await scene();
    await room.db
      .insert(imports)
      .values([
        { source: 'pms', sourceId: '7', userId: user.id, importedAt: 1, fingerprint: 'abcd' },
      ]);
    expect(await room.act(admin.token, 'DELETE', `/${user.id}`)).toBe(204);
    expect(await room.db.select().from(imports)).toMatchObject([{ fingerprint: null }]);
    expect(await isLive()).toBe(false);
    expect(await room.message()).toMatchObject({ kind: 'deleted', to: user.email });
    expect(await events('account_delete')).toMatchObject([
      { actorId: admin.id, address: null, userAgent: null, detail: {} },
    ]);
    expect((await room.newUser(user.email)).id).toBeGreaterThan(user.id);
    expect(await room.act(admin.token, 'DELETE', `/${user.id}`)).toBe('not_found');
  });
});
