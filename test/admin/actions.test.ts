import { desc, eq } from 'drizzle-orm';
import { describe, expect, test } from 'vitest';
import { knownDevices } from '../../src/core/db/account-schema.ts';
import { auditEvents } from '../../src/core/db/schema.ts';
import { type AdminRoom, createAdminRoom, REASON } from '../support/acting-admins.ts';
import { HERE } from '../support/mail-room.ts';

const lastEvent = async ({ db }: AdminRoom, subjectId: number) => {
  const [event] = await db
    .select()
    .from(auditEvents)
    .where(eq(auditEvents.subjectId, subjectId))
    .orderBy(desc(auditEvents.id))
    .limit(1);
  return event && { ...event, detail: JSON.parse(event.detail) as unknown };
};

async function scene() {
  const room = await createAdminRoom();
  const admin = await room.newAdmin();
  const user = await room.newVerifiedUser('ada@example.com');
  const isLive = async () => (await room.profile(user.token)).status === 200;
  /** Takes an action on the user. Returns the body of the answer. */
  async function take(method: string, path: string, body: object = {}) {
    const answer = await room.call(admin.token, method, `/${user.id}${path}`, {
      reason: REASON,
      ...body,
    });
    return { status: answer.status, body: (await answer.json()) as Record<string, unknown> };
  }
  return { room, admin, user, isLive, take };
}

describe('POST /admin/users/{id}/disable and /enable', () => {
  test('[S77] disabling ends all access at once, is recorded with its reason, and is reported', async () => {
    const { room, admin, user, isLive, take } = await scene();
    const { status, body } = await take('POST', '/disable');
    expect(status).toBe(200);
    expect(body).toMatchObject({ id: user.id, disabled_at: '2026-01-01T12:01:00.000Z' });
    expect(await isLive()).toBe(false);
    expect(await room.logIn(user.email, user.password)).toBe(400);
    expect(
      await room.db.select().from(knownDevices).where(eq(knownDevices.userId, user.id)),
    ).toEqual([]);
    expect(await lastEvent(room, user.id)).toMatchObject({
      ...{ actorId: admin.id, action: 'account_disable', outcome: 'success', address: HERE },
      detail: { reason: REASON },
    });
    expect(await room.message()).toMatchObject({ kind: 'admin_disabled', to: user.email });
  });
});
