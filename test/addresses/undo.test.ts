// A thief with a session of the owner changes the address; the link in the notice to the old one ends that.
import { describe, expect, test } from 'vitest';
import { reservedAddresses } from '../../src/core/db/account-schema.ts';
import { codes, users } from '../../src/core/db/schema.ts';
import { codeOf, createQuietMailRoom, type MailRoom } from '../support/mail-room.ts';
import { bearer } from '../support/test-app.ts';

const OWNER = 'ada@example.com';
const THIEF = 'thief@example.com';
const THIEF_PHONE = '7760873977';
const NEW_PASSWORD = 'difference engine';
const HOUR = 3600;
const MILLISECOND = 0.001;

/** Changes the email address. Returns the link that undoes it, from the notice. */
async function changeEmail(room: MailRoom, token: string, email: string) {
  await room.post('/auth/email/change', { email }, bearer(token));
  const { tokens } = await room.message();
  const answer = await room.post('/auth/email/confirm', { token: tokens.change });
  expect(answer.status).toBe(204);
  room.advance(60);
  return (await room.received()).find(({ to }) => to.includes('@'))?.tokens.undo;
}

/** Changes the phone number. Returns the link that undoes it, if there is a notice. */
async function changePhone(room: MailRoom, token: string, phone: string) {
  await room.post('/auth/phone/change', { phone }, bearer(token));
  const { code } = await room.message();
  const answer = await room.post('/auth/phone/confirm', { code }, bearer(token));
  expect(answer.status).toBe(204);
  room.advance(60);
  return (await room.received()).find(({ to }) => to.startsWith('+'))?.tokens.undo;
}

const undo = async (room: MailRoom, token: string | undefined, channel = 'email') =>
  codeOf(await room.post(`/auth/${channel}/undo`, { token }));

/** Requests a new password and sets it. Returns the status, or undefined if no message came. */
async function reset(room: MailRoom, username: string) {
  // Beyond the limit of messages.
  room.advance(HOUR);
  await room.post('/auth/password/forgot', { username });
  const [message] = await room.received();
  if (!message) return undefined;
  const { code } = message;
  const body = { username, code, new_password: NEW_PASSWORD };
  const outcome = await codeOf(await room.post('/auth/password/reset', body));
  await room.received();
  room.advance(60);
  return outcome;
}

const userRow = async ({ db }: MailRoom) => (await db.select().from(users))[0];

/** Expects that the owner has the account to itself, by this address alone. */
async function expectOwner(room: MailRoom, thief: string) {
  expect((await room.profile(thief)).status).toBe(401);
  expect(await reset(room, OWNER)).toBe(204);
  expect(await room.logIn(OWNER, NEW_PASSWORD)).toBe(200);
  for (const name of [THIEF, 'thief2@example.com', THIEF_PHONE]) {
    expect([name, await reset(room, name)]).toEqual([name, undefined]);
    expect([name, await room.logIn(name, NEW_PASSWORD)]).toEqual([name, 400]);
  }
}

describe('POST /auth/email/undo', () => {
  test('restores the address, ends every session and removes the password', async () => {
    const room = await createQuietMailRoom();
    const { password, token } = await room.newVerifiedUser(OWNER);
    const link = await changeEmail(room, token, THIEF);
    expect(await room.logIn(OWNER, password)).toBe(400);
    expect(await undo(room, link, 'phone')).toBe('invalid_code');
    expect(await undo(room, link)).toBe(204);
    expect(await undo(room, link)).toBe('invalid_code');
    expect(await userRow(room)).toMatchObject({
      email: OWNER,
      emailNormalized: OWNER,
      emailVerifiedAt: expect.any(Number),
      passwordHash: null,
    });
    expect(await room.db.select().from(reservedAddresses)).toEqual([]);
    expect(await room.db.select().from(codes)).toEqual([]);
    await expectOwner(room, token);
  });

  test('leaves an account without a password, whose login answers as to a wrong one', async () => {
    const room = await createQuietMailRoom();
    const { password, token } = await room.newVerifiedUser(OWNER);
    expect(await undo(room, await changeEmail(room, token, THIEF))).toBe(204);
    const shapes = new Set<string>();
    for (const [username, tried] of [
      [OWNER, password],
      [OWNER, 'null'],
      [OWNER, 'x'.repeat(300)],
      ['nobody@example.com', password],
    ] as const) {
      const body = new URLSearchParams({ username, password: tried });
      const answer = await room.send('/auth/login', { method: 'POST', body });
      const { request_id, instance, ...problem } = (await answer.json()) as Record<string, unknown>;
      const names = [...answer.headers.keys()].sort().join();
      shapes.add(JSON.stringify([answer.status, names, problem]));
    }
    expect([...shapes]).toHaveLength(1);
    expect([...shapes][0]).toContain('wrong_email_or_password');
  });

  test('the link is valid for 72 hours, to the millisecond', async () => {
    const room = await createQuietMailRoom();
    const { token } = await room.newVerifiedUser(OWNER);
    const link = await changeEmail(room, token, THIEF);
    room.advance(72 * HOUR - 60);
    expect(await undo(room, link)).toBe('invalid_code');
    room.advance(-MILLISECOND);
    expect(await undo(room, link)).toBe(204);
  });

  test('works after the thief has set a new password by the new address', async () => {
    const room = await createQuietMailRoom();
    const { token } = await room.newVerifiedUser(OWNER);
    const link = await changeEmail(room, token, THIEF);
    expect(await reset(room, THIEF)).toBe(204);
    const thief = await room.tokenOf(THIEF, NEW_PASSWORD);
    expect(await undo(room, link)).toBe(204);
    await expectOwner(room, thief);
  });

  test('works after the thief has changed the address twice, and ends the link that the thief got', async () => {
    const room = await createQuietMailRoom();
    const { token } = await room.newVerifiedUser(OWNER);
    const first = await changeEmail(room, token, THIEF);
    const second = await changeEmail(room, token, 'thief2@example.com');
    expect(second).toBeDefined();
    expect(await undo(room, first)).toBe(204);
    expect(await undo(room, second)).toBe('invalid_code');
    await expectOwner(room, token);
  });

  test('works after the thief has undone the second change', async () => {
    const room = await createQuietMailRoom();
    const { token } = await room.newVerifiedUser(OWNER);
    const first = await changeEmail(room, token, THIEF);
    const second = await changeEmail(room, token, 'thief2@example.com');
    expect(await undo(room, second)).toBe(204);
    expect(await reset(room, THIEF)).toBe(204);
    const thief = await room.tokenOf(THIEF, NEW_PASSWORD);
    expect(await undo(room, first)).toBe(204);
    await expectOwner(room, thief);
  });

  test('ends a change that the thief has requested and not confirmed', async () => {
    const room = await createQuietMailRoom();
    const { token } = await room.newVerifiedUser(OWNER);
    const link = await changeEmail(room, token, THIEF);
    await room.post('/auth/email/change', { email: 'thief2@example.com' }, bearer(token));
    const { tokens } = await room.message();
    expect(await undo(room, link)).toBe(204);
    const confirm = await room.post('/auth/email/confirm', { token: tokens.change });
    expect(await codeOf(confirm)).toBe('invalid_code');
  });

  test('removes a phone number that the thief has added', async () => {
    const room = await createQuietMailRoom();
    const { token } = await room.newVerifiedUser(OWNER);
    expect(await changePhone(room, token, THIEF_PHONE)).toBe(undefined);
    const link = await changeEmail(room, token, THIEF);
    expect(await undo(room, link)).toBe(204);
    expect(await userRow(room)).toMatchObject({ phone: null, phoneNormalized: null });
    await expectOwner(room, token);
  });

  test('removes a phone number that the thief has added after the change', async () => {
    const room = await createQuietMailRoom();
    const { token } = await room.newVerifiedUser(OWNER);
    const link = await changeEmail(room, token, THIEF);
    await changePhone(room, token, THIEF_PHONE);
    await changePhone(room, token, '7760873978');
    expect(await undo(room, link)).toBe(204);
    expect(await userRow(room)).toMatchObject({ email: OWNER, phone: null, phoneVerifiedAt: null });
    await expectOwner(room, token);
  });

  test('removes the number even if the thief has replaced it before the change', async () => {
    const room = await createQuietMailRoom();
    const { token } = await room.newVerifiedUser(OWNER);
    await changePhone(room, token, '7760873978');
    await changePhone(room, token, THIEF_PHONE);
    const link = await changeEmail(room, token, THIEF);
    expect(await undo(room, link)).toBe(204);
    expect(await userRow(room)).toMatchObject({ email: OWNER, phone: null });
    await expectOwner(room, token);
  });

  test('keeps a phone number that the account has had for longer', async () => {
    const room = await createQuietMailRoom();
    const { phone, token, password } = await room.newPhoneUser('7760873976', OWNER);
    await room.verify(token, 'phone');
    await room.verify(token);
    room.advance(73 * HOUR);
    const fresh = await room.tokenOf(phone, password);
    const link = await changeEmail(room, fresh, THIEF);
    expect(await undo(room, link)).toBe(204);
    expect(await userRow(room)).toMatchObject({ email: OWNER, phone });
  });

  test('restores a phone number that the thief has replaced after the email address', async () => {
    const room = await createQuietMailRoom();
    const { phone, token, password } = await room.newPhoneUser('7760873976', OWNER);
    await room.verify(token, 'phone');
    await room.verify(token);
    room.advance(73 * HOUR);
    const stolen = await room.tokenOf(OWNER, password);
    const link = await changeEmail(room, stolen, THIEF);
    const phoneLink = await changePhone(room, stolen, THIEF_PHONE);
    await changePhone(room, stolen, '7760873978');
    expect(await undo(room, link)).toBe(204);
    expect(await userRow(room)).toMatchObject({
      email: OWNER,
      phone,
      phoneNormalized: '+917760873976',
      phoneVerifiedAt: expect.any(Number),
    });
    expect(await undo(room, phoneLink, 'phone')).toBe('invalid_code');
    expect(await room.db.select().from(reservedAddresses)).toEqual([]);
    await expectOwner(room, token);
  });

  test('keeps the link to undo an earlier change of the phone number, which undoes everything since', async () => {
    const room = await createQuietMailRoom();
    const { phone, token, password } = await room.newPhoneUser('7760873976', OWNER);
    await room.verify(token, 'phone');
    await room.verify(token);
    room.advance(73 * HOUR);
    const stolen = await room.tokenOf(OWNER, password);
    const phoneLink = await changePhone(room, stolen, THIEF_PHONE);
    const link = await changeEmail(room, stolen, THIEF);
    expect(await undo(room, link)).toBe(204);
    room.advance(HOUR);
    // The thief still has the number, and takes the account once more.
    expect(await reset(room, THIEF_PHONE)).toBe(204);
    const thief = await room.tokenOf(THIEF_PHONE, NEW_PASSWORD);
    await changeEmail(room, thief, 'thief2@example.com');
    expect(await undo(room, phoneLink, 'phone')).toBe(204);
    expect(await userRow(room)).toMatchObject({ email: OWNER, phone });
    await expectOwner(room, thief);
  });

  test('is rejected once the account has been disabled', async () => {
    const room = await createQuietMailRoom();
    const { token } = await room.newVerifiedUser(OWNER);
    const link = await changeEmail(room, token, THIEF);
    await room.db.update(users).set({ disabledAt: 1 });
    expect(await undo(room, link)).toBe('invalid_code');
  });
});
