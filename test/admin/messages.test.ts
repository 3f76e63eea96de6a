import { eq } from 'drizzle-orm';
import { describe, expect, test } from 'vitest';
import { codes, users } from '../../src/core/db/schema.ts';
import { createAccountStore } from '../../src/features/account/store.ts';
import type { Act } from '../../src/features/admin/actor.ts';
import { createAdminService } from '../../src/features/admin/service.ts';
import { createAdminRoom, REASON } from '../support/acting-admins.ts';

const QUOTA = 60;

async function scene() {
  const room = await createAdminRoom();
  const { deps, idle } = room;
  const later: Promise<unknown>[] = [];
  const act = (): Act => ({
    actor: { kind: 'operator', name: 'root' },
    reason: REASON,
    caller: { requestId: crypto.randomUUID(), address: null, network: null, userAgent: null },
    later: (work) => void later.push(typeof work === 'function' ? work() : work),
  });
  return {
    room,
    act,
    operators: createAdminService({ ...deps, accounts: createAccountStore(deps) }),
    async sent() {
      await Promise.all(later.splice(0));
      await idle();
      return (await room.received()).map(({ kind, to }) => [kind, to]);
    },
  };
}

describe('messages that an administrator causes', () => {
  test('POST /admin/users and require-reset: 60 an hour together, then 429; others and operators go on', async () => {
    const { room, act, operators, sent } = await scene();
    const admin = await room.newAdmin();
    const second = await room.newAdmin('second@example.com');
    const user = await room.newUser('ada@example.com');
    const requireReset = (token: string) => room.act(token, 'POST', `/${user.id}/require-reset`);
    const invite = (token: string, email: string) =>
      room.call(token, 'POST', '', { email, reason: REASON });
    for (let i = 0; i < QUOTA / 2; i++) {
      expect([i, await requireReset(admin.token)]).toEqual([i, 200]);
      expect([i, (await invite(admin.token, `new-${i}@example.com`)).status]).toEqual([i, 201]);
    }
    expect(await sent()).toHaveLength(QUOTA);
    expect(await requireReset(admin.token)).toBe('too_many_requests');
    const refused = await invite(admin.token, 'more@example.com');
    expect(refused.status).toBe(429);
    expect(await refused.json()).toMatchObject({ code: 'too_many_requests' });
    expect(refused.headers.get('RateLimit-Policy')).toContain('"admin";q=60;w=3600');
    expect(Number(refused.headers.get('Retry-After'))).toBeLessThanOrEqual(3600);
    expect(await sent()).toEqual([]);
    // Nothing else counts.
    expect(await room.act(admin.token, 'POST', `/${user.id}/disable`)).toBe(200);
    expect(await room.act(admin.token, 'POST', `/${user.id}/enable`)).toBe(200);
    expect(await requireReset(second.token)).toBe(200);
    for (let i = 0; i < QUOTA + 1; i++) await operators.requireReset(user.id, act());
  }, 60_000);
});

describe('an account with a verified address is told of', () => {
  test('[S77] a link that an operator prints', async () => {
    const { room, act, operators, sent } = await scene();
    const user = await room.newVerifiedUser('ada@example.com');
    await operators.resetLink(user.id, act());
    expect(await sent()).toEqual([['admin_changed', user.email]]);
  });

  test('[S77] a required reset while it is disabled, which sends no link', async () => {
    const { room, act, operators, sent } = await scene();
    const user = await room.newVerifiedUser('ada@example.com');
    await room.db.update(users).set({ disabledAt: 1 }).where(eq(users.id, user.id));
    await operators.requireReset(user.id, act());
    expect(await sent()).toEqual([['admin_changed', user.email]]);
    expect(await room.db.select().from(codes).where(eq(codes.userId, user.id))).toEqual([]);
    await operators.enable(user.id, act());
    await operators.requireReset(user.id, act());
    expect(await sent()).toEqual([
      ['admin_enabled', user.email],
      ['reset_required', user.email],
    ]);
  });
});
