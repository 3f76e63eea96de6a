import { randomUUID } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { users } from '../../src/core/db/schema.ts';
import { createAccountStore } from '../../src/features/account/store.ts';
import type { Act } from '../../src/features/admin/actor.ts';
import { createAdminService } from '../../src/features/admin/service.ts';
import { type AdminRoom, createAdminRoom, REASON } from '../support/acting-admins.ts';
import { codeOf } from '../support/mail-room.ts';
import { bearer } from '../support/test-app.ts';

const byOperator = (): Act => ({
  actor: { kind: 'operator', name: 'grace@ops' },
  caller: { requestId: randomUUID(), address: null, network: null, userAgent: 'latchkey' },
  later: () => {},
  reason: REASON,
});

const serviceOf = ({ deps }: AdminRoom) =>
  createAdminService({ ...deps, accounts: createAccountStore(deps) });

const exportOf = async (room: AdminRoom, token: string) => {
  const answer = await room.send('/profile/me/export', { headers: bearer(token) });
  return ((await answer.json()) as { events: Record<string, unknown>[] }).events;
};

describe('what owners see of acts of others', () => {
  test('[S77] the reason and that an administrator did it, in the activity and the export; only staff see where from', async () => {
    const room = await createAdminRoom();
    const admin = await room.newAdmin();
    const account = await room.newUser();
    const user = { ...account, token: await room.tokenOf(account.email, account.password) };
    await room.db.update(users).set({ failedLogins: 1 });
    await room.send(`/admin/users/${user.id}/unlock`, {
      method: 'POST',
      headers: {
        ...bearer(admin.token),
        'Content-Type': 'application/json',
        'User-Agent': 'AdminBrowser/1.0',
      },
      body: JSON.stringify({ reason: REASON }),
    });
    await serviceOf(room).setRoles(user.id, ['editor'], byOperator());
    const [byOperators, byAdmin, own] = await room.activityOf(user.token);
    expect(byAdmin).toMatchObject({
      ...{ action: 'account_unlock', address: null, user_agent: null, by_administrator: true },
      detail: { reason: REASON },
    });
    expect(byOperators).toMatchObject({
      ...{ action: 'role_change', address: null, user_agent: null, by_administrator: true },
      detail: { reason: REASON, granted: ['editor'], revoked: [] },
    });
    expect(own).toMatchObject({ action: 'login', by_administrator: false });
    expect(own?.address).not.toBeNull();
    const exported = await exportOf(room, user.token);
    expect(exported.toReversed().slice(1, 4)).toMatchObject([
      { ...byOperators },
      { ...byAdmin },
      { ...own },
    ]);
    for (const path of [`/admin/users/${user.id}/activity`, `/admin/audit?subject=${user.id}`]) {
      const answer = await room.send(path, { headers: bearer(admin.token) });
      const { items } = (await answer.json()) as { items: Record<string, unknown>[] };
      expect(items.slice(1, 3)).toMatchObject([
        {
          ...{ action: 'role_change', actor_id: null, user_agent: 'latchkey' },
          detail: { reason: REASON, granted: ['editor'], revoked: [], operator: 'grace@ops' },
        },
        {
          ...{ action: 'account_unlock', actor_id: admin.id, user_agent: 'AdminBrowser/1.0' },
          ...{ address: expect.any(String), detail: { reason: REASON } },
        },
      ]);
    }
    for (const text of [
      JSON.stringify(exported),
      JSON.stringify(await room.activityOf(user.token)),
    ]) {
      expect(text).not.toContain('AdminBrowser');
      expect(text).not.toContain('grace@ops');
    }
  });

  test('an administrator sees where its own acts on itself came from', async () => {
    const room = await createAdminRoom();
    const admin = await room.newAdmin();
    await room.db.update(users).set({ failedLogins: 1 });
    await room.act(admin.token, 'POST', `/${admin.id}/unlock`);
    const [event] = await room.activityOf(admin.token);
    expect(event).toMatchObject({ action: 'account_unlock', by_administrator: false });
    expect(event?.address).not.toBeNull();
  });
});

describe('operators', () => {
  test('act without a session and are recorded by name; the same rules hold', async () => {
    const room = await createAdminRoom();
    const admin = await room.newAdmin();
    const service = serviceOf(room);
    await expect(service.disable(admin.id, byOperator())).rejects.toMatchObject({
      code: 'last_admin',
    });
    await expect(service.remove(admin.id, byOperator())).rejects.toMatchObject({
      code: 'last_admin',
    });
    await expect(service.unlock(999, byOperator())).rejects.toMatchObject({ code: 'not_found' });
    const roles = Array.from({ length: 21 }, (_, i) => `r${i}`);
    await expect(service.setRoles(admin.id, roles, byOperator())).rejects.toMatchObject({
      code: 'validation_failed',
    });
  });

  test('[S78] get a link that sets a password once, for 60 minutes, and no administrator does', async () => {
    const room = await createAdminRoom({ PUBLIC_URL: 'https://id.example.com' });
    const admin = await room.newAdmin();
    const user = await room.newUser();
    const service = serviceOf(room);
    const link = new URL(await service.resetLink(user.id, byOperator()));
    expect(link.origin + link.pathname).toBe('https://id.example.com/account/reset');
    expect(await room.received()).toEqual([]);
    const reset = async (url: URL) =>
      codeOf(
        await room.post('/auth/password/reset', {
          token: url.hash.slice(1),
          new_password: 'difference engine',
        }),
      );
    expect(await reset(link)).toBe(204);
    expect(await reset(link)).toBe('invalid_code');
    expect(await room.logIn(user.email, 'difference engine')).toBe(200);
    const late = new URL(await service.resetLink(user.id, byOperator()));
    room.advance(3600);
    expect(await reset(late)).toBe('invalid_code');
    const actor = { kind: 'admin', user: { ...admin } as never, session: { id: 'x' } } as const;
    await expect(service.resetLink(user.id, { ...byOperator(), actor })).rejects.toMatchObject({
      code: 'forbidden',
    });
  });

  test('a link for an account without an address fails with no_address', async () => {
    const room = await createAdminRoom();
    await room.newAdmin();
    const user = await room.newUser();
    const service = serviceOf(room);
    await service.update(user.id, { email: null }, byOperator());
    await expect(service.resetLink(user.id, byOperator())).rejects.toMatchObject({
      code: 'no_address',
    });
  });
});
