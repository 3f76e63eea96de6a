import { eq, isNotNull } from 'drizzle-orm';
import { describe, expect, test } from 'vitest';
import { knownDevices, userRoles } from '../../src/core/db/account-schema.ts';
import { auditEvents, codes, sessions, users } from '../../src/core/db/schema.ts';
import { ConfigError } from '../../src/core/errors.ts';
import { startUp } from '../../src/start-up.ts';
import { createAdminRoom } from '../support/acting-admins.ts';
import { codeOf, createMailRoom, type MailRoom } from '../support/mail-room.ts';
import { bearer, createTestApp } from '../support/test-app.ts';

const EMAIL = 'Root@example.com';
const email = EMAIL.toLowerCase();
const ADMIN_EMAIL = EMAIL;

const rolesOf = async ({ db }: Pick<MailRoom, 'db'>, id: number) =>
  (await db.select().from(userRoles).where(eq(userRoles.userId, id))).map(({ role }) => role);

const promotionsOf = async ({ db }: Pick<MailRoom, 'db'>) =>
  (await db.select().from(auditEvents).where(eq(auditEvents.action, 'role_change'))).map(
    ({ subjectId, detail }) => [subjectId, JSON.parse(detail) as unknown],
  );

const warnings = ({ logs }: Pick<MailRoom, 'logs'>) =>
  logs.filter((line) => line.includes('first_admin_awaited'));

/** Expects that neither the session nor the password of the account is accepted, and a reset by its address is. */
async function expectOnlyResets(
  room: MailRoom,
  account: { readonly token: string; readonly password: string },
) {
  expect((await room.profile(account.token)).status).toBe(401);
  expect(await room.logIn(email, account.password)).toBe(400);
  expect(await room.db.select().from(sessions)).toEqual([]);
  expect(await room.db.select().from(knownDevices)).toEqual([]);
  expect(await room.db.select().from(codes).where(isNotNull(codes.userId))).toEqual([]);
  expect(await room.db.select().from(users)).toMatchObject([{ phone: null, passwordHash: null }]);
  room.advance(60);
  const { tokens } = await room.ask('/auth/password/forgot', email);
  const body = { token: tokens.reset, new_password: 'difference engine' };
  expect(await codeOf(await room.post('/auth/password/reset', body))).toBe(204);
  expect(await room.logIn(email, 'difference engine')).toBe(200);
}

describe('ADMIN_EMAIL', () => {
  test('the account becomes an administrator when it verifies the address, and not at the sign-up', async () => {
    const room = await createAdminRoom({ ADMIN_EMAIL });
    const other = await room.newVerifiedUser('eve@example.com');
    const root = await room.newUser(email);
    expect(await rolesOf(room, root.id)).toEqual([]);
    await room.verify(root.token);
    expect(await rolesOf(room, root.id)).toEqual(['admin']);
    expect(await rolesOf(room, other.id)).toEqual([]);
    expect(await promotionsOf(room)).toEqual([
      [root.id, { granted: ['admin'], by: 'ADMIN_EMAIL' }],
    ]);
    expect(await room.act(root.token, 'POST', `/${other.id}/unlock`)).toBe(200);
  });

  test('once: a role that was taken away does not come back', async () => {
    const room = await createAdminRoom({ ADMIN_EMAIL });
    const root = await room.newVerifiedUser(email);
    await room.newAdmin('second@example.com');
    expect(await room.act(root.token, 'PUT', `/${root.id}/roles`, { roles: [] })).toBe(200);
    await room.db.update(users).set({ emailVerifiedAt: null }).where(eq(users.id, root.id));
    await room.received();
    room.advance(60);
    await room.verify(root.token);
    await startUp(room.deps);
    expect(await rolesOf(room, root.id)).toEqual([]);
    expect(await promotionsOf(room)).toHaveLength(2);
  });

  test('by a password reset, which verifies the address', async () => {
    const room = await createMailRoom({ ADMIN_EMAIL });
    const root = await room.newUser(email);
    const { tokens } = await room.ask('/auth/password/forgot', email);
    await room.post('/auth/password/reset', {
      token: tokens.reset,
      new_password: 'difference engine',
    });
    expect(await rolesOf(room, root.id)).toEqual(['admin']);
  });

  test('by a change of the address to it, which cannot be undone any more', async () => {
    const room = await createMailRoom({ ADMIN_EMAIL, NOTICES: 'off' });
    const user = await room.newVerifiedUser('old@example.com');
    await room.post('/auth/email/change', { email }, bearer(user.token));
    const { tokens } = await room.message();
    expect(await rolesOf(room, user.id)).toEqual([]);
    await room.post('/auth/email/confirm', { token: tokens.change });
    expect(await rolesOf(room, user.id)).toEqual(['admin']);
    const messages = await room.received();
    expect(messages.map(({ kind, to }) => [kind, to]).sort()).toEqual([
      ['admin_roles', email],
      ['changed', 'old@example.com'],
    ]);
    const undo = messages.find(({ kind }) => kind === 'changed')?.tokens.undo;
    expect(await codeOf(await room.post('/auth/email/undo', { token: undo }))).toBe('invalid_code');
    await expectOnlyResets(room, user);
  });

  test('by a link: only who reads its messages can enter the account, whoever signed up with it', async () => {
    const room = await createMailRoom({ ADMIN_EMAIL });
    const thief = await room.newPhoneUser('+919876543210', email);
    await room.verify(thief.token, 'phone');
    await room.post('/auth/code', { username: thief.phone });
    const phone = await room.message();
    room.advance(60);
    await room.post('/auth/verification', { channel: 'email' }, bearer(thief.token));
    const { tokens } = await room.message();
    await room.post('/auth/verification/confirm', { token: tokens.verify });
    expect(await rolesOf(room, thief.id)).toEqual(['admin']);
    expect(await room.message()).toMatchObject({ kind: 'admin_roles', to: email });
    const proof = { username: thief.phone, code: phone.code };
    expect(await codeOf(await room.post('/auth/code/login', proof))).toBe('invalid_code');
    room.advance(60);
    await room.post('/auth/password/forgot', { username: thief.phone });
    expect(await room.received()).toEqual([]);
    await expectOnlyResets(room, thief);
  });

  test('by a code in a session of the account, which goes on', async () => {
    const room = await createMailRoom({ ADMIN_EMAIL });
    const root = await room.newUser(email);
    await room.post('/auth/verification', { channel: 'email' }, bearer(root.token));
    const { code } = await room.message();
    const proof = { channel: 'email', code };
    await room.post('/auth/verification/confirm', proof, bearer(root.token));
    expect(await rolesOf(room, root.id)).toEqual(['admin']);
    expect(await room.message()).toMatchObject({ kind: 'admin_roles', to: email });
    expect((await room.profile(root.token)).status).toBe(200);
    expect(await room.logIn(email, root.password)).toBe(200);
  });

  test('a link that verifies another address, or this one a second time, ends nothing', async () => {
    const room = await createMailRoom({ ADMIN_EMAIL, NOTICES: 'off' });
    const root = await room.newVerifiedUser(email);
    const other = await room.newUser('eve@example.com');
    await room.db.update(users).set({ emailVerifiedAt: null });
    await room.received();
    for (const { token, password, ...user } of [root, other]) {
      room.advance(60);
      await room.post('/auth/verification', { channel: 'email' }, bearer(token));
      const { tokens } = await room.message();
      await room.post('/auth/verification/confirm', { token: tokens.verify });
      expect((await room.profile(token)).body).toMatchObject({ email_verified: true });
      expect(await room.logIn(user.email, password)).toBe(200);
    }
  });

  test('of two accounts that want the address at once, the one that has verified it', async () => {
    const room = await createMailRoom({ ADMIN_EMAIL, NOTICES: 'off' });
    const [one, two] = [
      await room.newVerifiedUser('one@example.com'),
      await room.newVerifiedUser('two@example.com'),
    ];
    const tokens: (string | undefined)[] = [];
    for (const user of [one, two]) {
      room.advance(60);
      await room.post('/auth/email/change', { email }, bearer(user.token));
      tokens.push((await room.message()).tokens.change);
    }
    await Promise.all(tokens.map((token) => room.post('/auth/email/confirm', { token })));
    const holders = await room.db.select().from(users).where(eq(users.emailNormalized, email));
    const admins = await room.db.select().from(userRoles);
    expect(admins.map(({ userId }) => userId)).toEqual(holders.map(({ id }) => id));
    expect(admins).toHaveLength(1);
    expect(await promotionsOf(room)).toHaveLength(1);
  });

  test('at the start, if the address was verified before the setting named it', async () => {
    const room = await createMailRoom({ ADMIN_EMAIL });
    const root = await room.newUser(email);
    await room.db.update(users).set({ emailVerifiedAt: 1 });
    await Promise.all([startUp(room.deps), startUp(room.deps)]);
    expect(await rolesOf(room, root.id)).toEqual(['admin']);
    expect(await promotionsOf(room)).toEqual([
      [root.id, { granted: ['admin'], by: 'ADMIN_EMAIL' }],
    ]);
    expect(warnings(room)).toEqual([]);
  });

  test('a disabled account does not become one, until it is enabled', async () => {
    const room = await createMailRoom({ ADMIN_EMAIL });
    const root = await room.newUser(email);
    await room.db.update(users).set({ emailVerifiedAt: 1, disabledAt: 1 });
    await startUp(room.deps);
    expect(await rolesOf(room, root.id)).toEqual([]);
    await room.db.update(users).set({ disabledAt: null });
    await startUp(room.deps);
    expect(await rolesOf(room, root.id)).toEqual(['admin']);
  });

  test('each start warns until it has happened', async () => {
    const room = await createMailRoom({ ADMIN_EMAIL });
    await startUp(room.deps);
    const root = await room.newUser(email);
    await startUp(room.deps);
    expect(warnings(room)).toHaveLength(2);
    expect(warnings(room).join()).not.toMatch(/root@/i);
    await room.verify(root.token);
    await startUp(room.deps);
    expect(warnings(room)).toHaveLength(2);
  });

  test('without the setting nobody becomes one, and no start warns', async () => {
    const room = await createMailRoom();
    const user = await room.newVerifiedUser(email);
    await startUp(room.deps);
    expect([await rolesOf(room, user.id), warnings(room)]).toEqual([[], []]);
  });
});

describe('ADMIN_PHONE', () => {
  test('the account becomes an administrator when it verifies the number, in any notation', async () => {
    const room = await createMailRoom({ ADMIN_PHONE: '098765 43210' });
    const root = await room.newPhoneUser('+919876543210');
    expect(await rolesOf(room, root.id)).toEqual([]);
    await room.verify(root.token, 'phone');
    expect(await rolesOf(room, root.id)).toEqual(['admin']);
    expect(await promotionsOf(room)).toEqual([
      [root.id, { granted: ['admin'], by: 'ADMIN_PHONE' }],
    ]);
  });
});

describe('settings', () => {
  test.each([
    [{ ADMIN_EMAIL: 'root' }, 'ADMIN_EMAIL'],
    [{ ADMIN_EMAIL: 'root@example.com, eve@example.com' }, 'ADMIN_EMAIL'],
    [{ ADMIN_PHONE: '123' }, 'ADMIN_PHONE'],
    [{ ADMIN_PHONE: 'root@example.com' }, 'ADMIN_PHONE'],
    [{ ADMIN_EMAIL: email, ADMIN_PHONE: '+919876543210' }, 'ADMIN_PHONE'],
  ])('%j is rejected: %s', async (settings, name) => {
    const error: unknown = await createTestApp(settings).catch((thrown: unknown) => thrown);
    if (!(error instanceof ConfigError)) throw new Error('These settings were accepted');
    expect(error.problems.map((problem) => problem.split(':')[0])).toEqual([name]);
  });
});
