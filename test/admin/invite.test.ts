import { eq } from 'drizzle-orm';
import { describe, expect, test } from 'vitest';
import { reservedAddresses } from '../../src/core/db/account-schema.ts';
import { auditEvents, outbox, users } from '../../src/core/db/schema.ts';
import { type AdminRoom, createAdminRoom, REASON } from '../support/acting-admins.ts';
import { codeOf } from '../support/mail-room.ts';
import { production } from '../support/settings.ts';

const DAY = 86_400;

async function scene(settings?: Record<string, string>) {
  const room = await createAdminRoom(settings);
  const admin = await room.newAdmin();
  const invite = async (body: object) =>
    room.call(admin.token, 'POST', '', { reason: REASON, ...body });
  const reset = async (token: string | undefined, password = 'difference engine') =>
    codeOf(await room.post('/auth/password/reset', { token, new_password: password }));
  return { room, admin, invite, reset };
}

const accountsOf = async ({ db }: AdminRoom) => (await db.select().from(users)).length;

describe('POST /admin/users', () => {
  test('[S78] creates an account without a password; the link sets one once and verifies the address', async () => {
    const { room, admin, invite, reset } = await scene();
    const answer = await invite({
      email: 'Ada.L@example.com',
      name: 'Ada',
      roles: ['b', 'a', 'b'],
    });
    expect(answer.status).toBe(201);
    const account = (await answer.json()) as { id: number };
    expect(account).toMatchObject({
      ...{ email: 'Ada.L@example.com', email_verified: false, name: 'Ada', phone: null },
      ...{ roles: ['a', 'b'], has_password: false, disabled_at: null, locale: 'en' },
    });
    const message = await room.message();
    expect(message).toMatchObject({ kind: 'invite', to: 'Ada.L@example.com', locale: 'en' });
    expect(JSON.stringify(account)).not.toContain(message.tokens.reset);
    const events = await room.db
      .select()
      .from(auditEvents)
      .where(eq(auditEvents.subjectId, account.id));
    expect(
      events.map(({ actorId, action, detail }) => [actorId, action, JSON.parse(detail)]),
    ).toEqual([
      [admin.id, 'account_invite', { granted: ['a', 'b'], reason: REASON }],
      [admin.id, 'role_change', { granted: ['a', 'b'], revoked: [], reason: REASON }],
    ]);
    expect(await room.logIn('ada.l@example.com', '')).not.toBe(200);
    room.advance(7 * DAY - 1);
    expect(await reset(message.tokens.reset)).toBe(204);
    expect(await reset(message.tokens.reset)).toBe('invalid_code');
    const token = await room.tokenOf('ada.l@example.com', 'difference engine');
    expect((await room.profile(token)).body).toMatchObject({ email_verified: true, name: 'Ada' });
  });

  test('after 7 days, the link is not accepted; a forgotten password still helps', async () => {
    const { room, invite, reset } = await scene();
    await invite({ email: 'ada@example.com', locale: 'hi' });
    const message = await room.message();
    expect(message.locale).toBe('hi');
    room.advance(7 * DAY);
    expect(await reset(message.tokens.reset)).toBe('invalid_code');
    const again = await room.ask('/auth/password/forgot', 'ada@example.com');
    expect(await reset(again.tokens.reset)).toBe(204);
  });

  test('with both addresses, the link goes to the email address; with a phone number alone, to that', async () => {
    const { room, invite, reset } = await scene();
    await invite({ email: 'ada@example.com', phone: '9876543210' });
    expect(await room.message()).toMatchObject({ kind: 'invite', to: 'ada@example.com' });
    await invite({ phone: '9876543211', email: null });
    const roleChanges = eq(auditEvents.action, 'role_change');
    expect(await room.db.select().from(auditEvents).where(roleChanges)).toEqual([]);
    const message = await room.message();
    expect(message).toMatchObject({ kind: 'invite', to: '+919876543211' });
    expect(await reset(message.tokens.reset)).toBe(204);
    expect(await room.logIn('9876543211', 'difference engine')).toBe(200);
  });

  test('a taken address answers 400, verified or not; its account stays as it is', async () => {
    const { room, invite } = await scene();
    const unverified = await room.newUser('Ada@example.com');
    await room.newPhoneUser('9876543210');
    const before = await accountsOf(room);
    expect(await codeOf(await invite({ email: 'ada@EXAMPLE.com' }))).toBe('email_taken');
    expect(await codeOf(await invite({ phone: '+919876543210' }))).toBe('phone_taken');
    expect(await codeOf(await invite({ email: 'new@example.com', phone: '09876543210' }))).toBe(
      'phone_taken',
    );
    for (const [channel, address] of [
      ['email', 'old@example.com'],
      ['phone', '+919876543219'],
    ] as const) {
      const reserved = { channel, address, entered: address, userId: unverified.id };
      await room.db
        .insert(reservedAddresses)
        .values({ ...reserved, verifiedAt: 1, reservedUntil: room.deps.clock() + 1 });
      expect(await codeOf(await invite({ [channel]: address }))).toBe(`${channel}_taken`);
    }
    expect(await accountsOf(room)).toBe(before);
    expect(await room.received()).toEqual([]);
    expect(await room.logIn(unverified.email, unverified.password)).toBe(200);
  });

  test('of two at once for one address, one succeeds, with its roles and its message', async () => {
    const { room, invite } = await scene();
    const answers = await Promise.all([
      invite({ email: 'ada@example.com', roles: ['a'] }),
      invite({ email: 'ada@example.com', roles: ['b'] }),
    ]);
    const codes = await Promise.all(answers.map(codeOf));
    expect(codes.sort()).toEqual([201, 'email_taken']);
    expect(await room.received()).toHaveLength(1);
  });

  test('without an address, with an invalid one or another language answers 422', async () => {
    const { room, invite } = await scene();
    const before = await accountsOf(room);
    for (const body of [
      {},
      { email: null, phone: null },
      { email: 'ada' },
      { phone: '123' },
      { email: 'ada@example.com', locale: 'fr' },
      { email: 'ada@example.com', roles: ['Admin'] },
      { email: 'ada@example.com', name: 'a\u0000b' },
    ]) {
      expect([body, await codeOf(await invite(body))]).toEqual([body, 'validation_failed']);
    }
    expect(await accountsOf(room)).toBe(before);
  });

  test('[S77] users and supporters get forbidden', async () => {
    const { room } = await scene();
    const body = { email: 'new@example.com', reason: REASON };
    for (const { token } of [await room.newUser(), await room.newSupporter()]) {
      expect(await codeOf(await room.call(token, 'POST', '', body))).toBe('forbidden');
    }
  });

  test('[S76] an invited administrator counts only once the link has set a password', async () => {
    const { room, admin, invite, reset } = await scene();
    await invite({ email: 'next@example.com', roles: ['admin'] });
    const { tokens } = await room.message();
    const resign = () => room.act(admin.token, 'PUT', `/${admin.id}/roles`, { roles: [] });
    expect(await resign()).toBe('last_admin');
    expect(await reset(tokens.reset)).toBe(204);
    expect(await resign()).toBe(200);
  });
});

describe('without a sender', () => {
  test('invitations and required resets answer 503 messages_off, and change nothing', async () => {
    const { createTestApp, newUser, bearer, json } = await import('../support/test-app.ts');
    const { userRoles } = await import('../../src/core/db/account-schema.ts');
    const { app, db } = await createTestApp({ ...production, PASSWORD_ROUNDS: '6' });
    const admin = await newUser(app);
    const user = await newUser(app, 'eve@example.com');
    await db.insert(userRoles).values({ userId: admin.id, role: 'admin', grantedAt: 0 });
    const call = async (path: string, body: object) =>
      codeOf(
        await app.request(path, json('POST', { reason: REASON, ...body }, bearer(admin.token))),
      );
    expect(await call('/admin/users', { email: 'new@example.com' })).toBe('messages_off');
    expect(await call(`/admin/users/${user.id}/require-reset`, {})).toBe('messages_off');
    expect(await call(`/admin/users/${user.id}/disable`, {})).toBe(200);
    expect(await db.select().from(outbox)).toEqual([]);
  }, 30_000);
});
