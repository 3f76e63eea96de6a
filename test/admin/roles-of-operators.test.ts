import { eq } from 'drizzle-orm';
import { describe, expect, test } from 'vitest';
import { userRoles } from '../../src/core/db/account-schema.ts';
import { auditEvents, users } from '../../src/core/db/schema.ts';
import { createAccountStore } from '../../src/features/account/store.ts';
import type { Act } from '../../src/features/admin/actor.ts';
import { createAdminService } from '../../src/features/admin/service.ts';
import { createTestApp, newUser } from '../support/test-app.ts';

/** The service of an operator, and accounts. */
async function scene() {
  const room = await createTestApp({ NOTICES: 'off' });
  const { app, db, deps } = room;
  const service = createAdminService({ ...deps, accounts: createAccountStore(deps) });
  const act = (): Act => ({
    actor: { kind: 'operator', name: 'root' },
    reason: 'by the program',
    caller: { requestId: crypto.randomUUID(), address: null, network: null, userAgent: null },
    later: () => {},
  });
  return {
    service,
    act,
    newUser: async (email: string) => (await newUser(app, email)).id,
    rolesOf: async (id: number) =>
      (
        await db.select().from(userRoles).where(eq(userRoles.userId, id)).orderBy(userRoles.role)
      ).map(({ role }) => role),
    changes: async () =>
      (
        await db
          .select({ detail: auditEvents.detail })
          .from(auditEvents)
          .where(eq(auditEvents.action, 'role_change'))
          .orderBy(auditEvents.id)
      ).map(({ detail }) => JSON.parse(detail)),
    disable: (id: number) => db.update(users).set({ disabledAt: 1 }).where(eq(users.id, id)),
  };
}

const BY = { operator: 'root', reason: 'by the program' };

describe('grantRoles and revokeRoles', () => {
  test('change these roles only; what changes nothing is not recorded', async () => {
    const { service, act, newUser, rolesOf, changes } = await scene();
    const id = await newUser('ada@example.com');
    await service.grantRoles(id, ['editor', 'admin'], act());
    const granted = await service.grantRoles(id, ['admin', 'support'], act());
    expect(granted.roles).toEqual(['admin', 'editor', 'support']);
    await service.grantRoles(id, ['admin'], act());
    await service.revokeRoles(id, ['editor', 'absent'], act());
    await service.revokeRoles(id, ['editor'], act());
    expect(await rolesOf(id)).toEqual(['admin', 'support']);
    expect(await changes()).toEqual([
      { ...BY, granted: ['admin', 'editor'], revoked: [] },
      { ...BY, granted: ['support'], revoked: [] },
      { ...BY, granted: [], revoked: ['editor'] },
    ]);
  });

  test('concurrent grants of different roles are all kept', async () => {
    const { service, act, newUser, rolesOf } = await scene();
    const id = await newUser('ada@example.com');
    const roles = Array.from({ length: 10 }, (_, i) => `role${i}`);
    await Promise.all(roles.map((role) => service.grantRoles(id, [role], act())));
    expect(await rolesOf(id)).toEqual(roles);
    await Promise.all(roles.slice(1).map((role) => service.revokeRoles(id, [role], act())));
    expect(await rolesOf(id)).toEqual(['role0']);
  });

  test('an account has at most 20 roles, also after concurrent grants', async () => {
    const { service, act, newUser, rolesOf } = await scene();
    const id = await newUser('ada@example.com');
    const roles = Array.from({ length: 19 }, (_, i) => `role${i}`);
    await service.grantRoles(id, roles, act());
    const tries = ['x', 'y'].map((role) => service.grantRoles(id, [role], act()));
    const results = await Promise.allSettled(tries);
    expect(results.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected']);
    expect(await rolesOf(id)).toHaveLength(20);
    await expect(service.grantRoles(id, ['z'], act())).rejects.toMatchObject({
      ...{ code: 'validation_failed', fields: [{ pointer: '#/roles' }] },
    });
  });

  test('of two administrators who are revoked at the same time, one remains', async () => {
    const { service, act, newUser, rolesOf } = await scene();
    const ids = [await newUser('ada@example.com'), await newUser('bob@example.com')];
    for (const id of ids) await service.grantRoles(id, ['admin'], act());
    const revoked = await Promise.allSettled(
      ids.map((id) => service.revokeRoles(id, ['admin'], act())),
    );
    expect(revoked.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
    expect(revoked.find(({ status }) => status === 'rejected')).toMatchObject({
      reason: { code: 'last_admin' },
    });
    const left = await Promise.all(ids.map(rolesOf));
    expect(left.flat()).toEqual(['admin']);
  });

  test('a disabled administrator is not the last one: the role can be revoked from it', async () => {
    const { service, act, newUser, rolesOf, disable } = await scene();
    const [ada, bob] = [await newUser('ada@example.com'), await newUser('bob@example.com')];
    for (const id of [ada, bob]) await service.grantRoles(id, ['admin'], act());
    await disable(bob);
    await service.revokeRoles(bob, ['admin'], act());
    await expect(service.revokeRoles(ada, ['admin'], act())).rejects.toMatchObject({
      code: 'last_admin',
    });
    expect(await rolesOf(ada)).toEqual(['admin']);
  });

  test('an unknown account is not found', async () => {
    const { service, act } = await scene();
    for (const change of [service.grantRoles, service.revokeRoles]) {
      await expect(change(99, ['admin'], act())).rejects.toMatchObject({ code: 'not_found' });
    }
  });
});
