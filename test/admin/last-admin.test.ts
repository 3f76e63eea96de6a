import { eq } from 'drizzle-orm';
import { describe, expect, test } from 'vitest';
import { userRoles } from '../../src/core/db/account-schema.ts';
import { users } from '../../src/core/db/schema.ts';
import { type AdminRoom, createAdminRoom } from '../support/acting-admins.ts';
import { codeOf } from '../support/mail-room.ts';
import { bearer, form } from '../support/test-app.ts';

/** The administrators who can log in. */
const adminsOf = async ({ db }: AdminRoom) => {
  const rows = await db
    .select({ id: users.id, email: users.email, phone: users.phone, disabledAt: users.disabledAt })
    .from(users)
    .innerJoin(userRoles, eq(userRoles.userId, users.id))
    .where(eq(userRoles.role, 'admin'));
  return rows.filter((row) => row.disabledAt === null && (row.email ?? row.phone) !== null);
};

const deleteSelf = async (room: AdminRoom, token: string) =>
  codeOf(await room.send('/profile/me', { method: 'DELETE', headers: bearer(token) }));

/** Every way by which an administrator takes itself or another one away. */
const WAYS = {
  'DELETE /profile/me': (room: AdminRoom, _: Doer, target: Doer) => deleteSelf(room, target.token),
  'POST /admin/users/{id}/disable': (room: AdminRoom, doer: Doer, target: Doer) =>
    room.act(doer.token, 'POST', `/${target.id}/disable`),
  'DELETE /admin/users/{id}': (room: AdminRoom, doer: Doer, target: Doer) =>
    room.act(doer.token, 'DELETE', `/${target.id}`),
  'PUT /admin/users/{id}/roles': (room: AdminRoom, doer: Doer, target: Doer) =>
    room.act(doer.token, 'PUT', `/${target.id}/roles`, { roles: ['support'] }),
  'PATCH /admin/users/{id}': (room: AdminRoom, doer: Doer, target: Doer) =>
    room.act(doer.token, 'PATCH', `/${target.id}`, { email: null }),
} as const;

interface Doer {
  readonly id: number;
  readonly token: string;
}

const ways = Object.entries(WAYS);

describe('the last administrator', () => {
  test.each(ways)(
    '[S76] %s answers 409 last_admin, until there is another one',
    async (_, take) => {
      const room = await createAdminRoom();
      const admin = await room.newAdmin();
      await room.newSupporter();
      const other = await room.newUser('other@example.com');
      expect(await take(room, admin, admin)).toBe('last_admin');
      // Neither one who is disabled nor one who has no address counts.
      await room.grant(other.id, 'admin');
      await room.db.update(users).set({ disabledAt: 1 }).where(eq(users.id, other.id));
      expect(await take(room, admin, admin)).toBe('last_admin');
      await room.db
        .update(users)
        .set({ disabledAt: null, email: null, emailNormalized: null })
        .where(eq(users.id, other.id));
      expect(await take(room, admin, admin)).toBe('last_admin');
      expect((await room.activityOf(admin.token)).map(({ action }) => action)).toEqual([
        ...['login', 'signup'],
      ]);
      await room.newAdmin('second@example.com');
      expect(await take(room, admin, admin)).toSatisfy(
        (status) => status === 200 || status === 204,
      );
      expect(await adminsOf(room)).toMatchObject([{ email: 'second@example.com' }]);
    },
  );

  test('[S76] may lose one of two addresses, and not both', async () => {
    const room = await createAdminRoom();
    const admin = await room.newAdmin();
    await room.db
      .update(users)
      .set({ phone: '9876543210', phoneNormalized: '+919876543210' })
      .where(eq(users.id, admin.id));
    const patch = (body: object) => room.act(admin.token, 'PATCH', `/${admin.id}`, body);
    expect(await patch({ email: null, phone: null })).toBe('last_admin');
    expect(await patch({ email: null })).toBe(200);
    expect(await patch({ phone: null, name: 'Ada' })).toBe('last_admin');
    expect(await adminsOf(room)).toMatchObject([{ phone: '9876543210', email: null }]);
  });

  test('[S76] without a password keeps its verified address', async () => {
    const room = await createAdminRoom();
    const admin = await room.newAdmin();
    const second = { phone: '9876543210', phoneNormalized: '+919876543210', passwordHash: null };
    await room.db
      .update(users)
      .set({ ...second, emailVerifiedAt: 1 })
      .where(eq(users.id, admin.id));
    const patch = (body: object) => room.act(admin.token, 'PATCH', `/${admin.id}`, body);
    expect(await patch({ email: null })).toBe('last_admin');
    expect(await patch({ phone: null })).toBe(200);
    expect(await patch({ email: null })).toBe('last_admin');
  });

  test('[S76] POST /admin/users/{id}/require-reset answers 409 last_admin without a verified address', async () => {
    const room = await createAdminRoom();
    const admin = await room.newAdmin();
    const requireReset = () => room.act(admin.token, 'POST', `/${admin.id}/require-reset`);
    expect(await requireReset()).toBe('last_admin');
    expect(await room.received()).toEqual([]);
    expect(await room.logIn(admin.email, admin.password)).toBe(200);
    await room.verify(admin.token);
    expect(await requireReset()).toBe(200);
    expect(await room.message()).toMatchObject({ kind: 'reset_required', to: admin.email });
  });

  test('[S76] the link that removes an added address does not take the only verified one', async () => {
    const room = await createAdminRoom();
    const admin = await room.newPhoneUser('+919876543210', 'old@example.com');
    await room.grant(admin.id, 'admin');
    await room.verify(admin.token, 'phone');
    await room.post('/auth/email/change', { email: 'new@example.com' }, bearer(admin.token));
    await room.post('/auth/email/confirm', { token: (await room.message()).tokens.change });
    const added = (await room.received()).find(({ kind }) => kind === 'added');
    await room.db.update(users).set({ phoneVerifiedAt: null }).where(eq(users.id, admin.id));
    const remove = () => room.post('/auth/email/undo', { token: added?.tokens.undo });
    expect(await codeOf(await remove())).toBe('invalid_code');
    expect(await adminsOf(room)).toMatchObject([{ email: 'new@example.com' }]);
    await room.newAdmin('second@example.com');
    expect(await codeOf(await remove())).toBe(204);
  });

  test('[S76] the link that releases an unverified address does not take its only one', async () => {
    const room = await createAdminRoom();
    const admin = await room.newAdmin();
    await room.post('/auth/verification', { channel: 'email' }, bearer(admin.token));
    const { tokens } = await room.message();
    const release = () => room.post('/auth/email/undo', { token: tokens.undo });
    expect(await codeOf(await release())).toBe('invalid_code');
    expect(await adminsOf(room)).toMatchObject([{ id: admin.id }]);
    await room.newAdmin('second@example.com');
    expect(await codeOf(await release())).toBe(204);
    expect(await adminsOf(room)).toMatchObject([{ email: 'second@example.com' }]);
  });

  test('[S76] another account that verifies its unverified address gets email_taken', async () => {
    const room = await createAdminRoom();
    const admin = await room.newAdmin();
    const other = await room.newUser('eve@example.com');
    const evict = async () => {
      room.advance(60);
      await room.post('/auth/email/change', { email: admin.email }, bearer(other.token));
      const { tokens } = await room.message();
      return codeOf(await room.post('/auth/email/confirm', { token: tokens.change }));
    };
    expect(await evict()).toBe('email_taken');
    expect(await adminsOf(room)).toMatchObject([{ id: admin.id }]);
    await room.newAdmin('second@example.com');
    expect(await evict()).toBe(204);
    expect(await adminsOf(room)).toMatchObject([{ email: 'second@example.com' }]);
  });
});

describe('two administrators at once', () => {
  const ROUNDS = 5;

  async function pair(room: AdminRoom, round: number) {
    const names = [`one-${round}@example.com`, `two-${round}@example.com`] as const;
    const [one, two] = [await room.newAdmin(names[0]), await room.newAdmin(names[1])];
    // Only the two of this round.
    await room.db.delete(userRoles);
    await room.grant(one.id, 'admin');
    await room.grant(two.id, 'admin');
    return [one, two] as const;
  }

  test.each(ways)(
    `[S76] who each take the other away by %s: exactly one remains, ${ROUNDS} times`,
    async (_, take) => {
      const room = await createAdminRoom();
      for (let round = 0; round < ROUNDS; round++) {
        const [one, two] = await pair(room, round);
        const answers = await Promise.all([take(room, one, two), take(room, two, one)]);
        const left = await adminsOf(room);
        expect([round, answers, left.length]).toEqual([round, answers, 1]);
        expect(answers.filter((answer) => typeof answer === 'number')).toHaveLength(1);
        const [refused] = answers.filter((answer) => typeof answer === 'string');
        expect(['last_admin', 'forbidden', 'invalid_token']).toContain(refused);
      }
    },
    120_000,
  );

  test('[S76] in every way at once: at least one remains', async () => {
    const room = await createAdminRoom();
    for (let round = 0; round < ROUNDS; round++) {
      const [one, two] = await pair(room, round);
      const answers = await Promise.all(
        ways.flatMap(([, take]) => [take(room, one, two), take(room, two, one)]),
      );
      expect([answers, (await adminsOf(room)).length]).toEqual([answers, 1]);
    }
  }, 120_000);

  test('[S77] who set the roles of the same account: each event has the change that it made', async () => {
    const room = await createAdminRoom();
    const [one, two] = await pair(room, 0);
    const user = await room.newUser();
    const lists = [['a', 'b'], ['b', 'c'], [], ['a'], ['c', 'd'], ['b']];
    for (let round = 0; round < ROUNDS; round++) {
      await Promise.all(
        lists.map((roles, i) =>
          room.act((i % 2 ? one : two).token, 'PUT', `/${user.id}/roles`, { roles }),
        ),
      );
    }
    const held = new Set<string>();
    const answer = await room.send(
      '/auth/login',
      form({ username: user.email, password: user.password }),
    );
    const { access_token: token } = (await answer.json()) as { access_token: string };
    const events = (await room.activityOf(token)).filter(({ action }) => action === 'role_change');
    for (const event of events.toReversed()) {
      const { granted, revoked } = event.detail as { granted: string[]; revoked: string[] };
      expect(granted.filter((role) => held.has(role))).toEqual([]);
      expect(revoked.filter((role) => !held.has(role))).toEqual([]);
      for (const role of granted) held.add(role);
      for (const role of revoked) held.delete(role);
    }
    const roles = await room.db.select().from(userRoles).where(eq(userRoles.userId, user.id));
    expect(roles.map(({ role }) => role).sort()).toEqual([...held].sort());
  }, 60_000);
});
