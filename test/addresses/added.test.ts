// A thief with the password adds an address of their own: the owner is told at the other address.
import { describe, expect, test } from 'vitest';
import { users } from '../../src/core/db/schema.ts';
import { codeOf, createQuietMailRoom, type MailRoom } from '../support/mail-room.ts';
import { bearer } from '../support/test-app.ts';

const OWNER = 'ada@example.com';
const OWNER_PHONE = '+917760873976';
const THIEF = 'thief@example.com';
const THIEF_PHONE = '+917760873977';
const NEW_PASSWORD = 'difference engine';
const HOUR = 3600;

/** Adds or replaces the phone number. Returns the notices. */
async function changePhone(room: MailRoom, token: string, phone: string) {
  await room.post('/auth/phone/change', { phone }, bearer(token));
  const { code } = await room.message();
  const answer = await room.post('/auth/phone/confirm', { code }, bearer(token));
  expect(answer.status).toBe(204);
  room.advance(60);
  return room.received();
}

/** Adds or replaces the email address. Returns the notices. */
async function changeEmail(room: MailRoom, token: string, email: string) {
  await room.post('/auth/email/change', { email }, bearer(token));
  const { tokens } = await room.message();
  const answer = await room.post('/auth/email/confirm', { token: tokens.change });
  expect(answer.status).toBe(204);
  room.advance(60);
  return room.received();
}

const undo = async (room: MailRoom, token: string | undefined, channel = 'email') =>
  codeOf(await room.post(`/auth/${channel}/undo`, { token }));

const userRow = async ({ db }: MailRoom) => (await db.select().from(users))[0];

describe('an email address that is added to an account with an unverified phone number', () => {
  test('is reported to the number, and so is a reset by it, which drops the number', async () => {
    const room = await createQuietMailRoom();
    const { token } = await room.newPhoneUser(OWNER_PHONE);
    const notices = await changeEmail(room, token, THIEF);
    expect(notices.map(({ to, tokens }) => [to, tokens])).toEqual([[OWNER_PHONE, {}]]);
    const { tokens } = await room.ask('/auth/password/forgot', THIEF);
    const body = { token: tokens.reset, new_password: NEW_PASSWORD };
    expect(await codeOf(await room.post('/auth/password/reset', body))).toBe(204);
    expect((await room.received()).map(({ to }) => to)).toEqual([THIEF, OWNER_PHONE]);
    expect(await userRow(room)).toMatchObject({ email: THIEF, phone: null });
  });
});

describe('a phone number that is added to an account with a verified email address', () => {
  test('is reported there, with a link that removes it and ends all access', async () => {
    const room = await createQuietMailRoom();
    const { password, token } = await room.newVerifiedUser(OWNER);
    const [notice, ...others] = await changePhone(room, token, THIEF_PHONE);
    expect([notice?.to, others]).toEqual([OWNER, []]);
    expect(await undo(room, notice?.tokens.undo)).toBe(204);
    expect(await undo(room, notice?.tokens.undo)).toBe('invalid_code');
    expect(await userRow(room)).toMatchObject({
      ...{ email: OWNER, phone: null, phoneNormalized: null, phoneVerifiedAt: null },
      passwordHash: null,
    });
    expect((await room.profile(token)).status).toBe(401);
    expect(await room.logIn(OWNER, password)).toBe(400);
    await room.post('/auth/password/forgot', { username: THIEF_PHONE });
    expect(await room.received()).toEqual([]);
  });

  test('is removed even if the thief has replaced it, and cannot be restored', async () => {
    const room = await createQuietMailRoom();
    const { token } = await room.newVerifiedUser(OWNER);
    const [notice] = await changePhone(room, token, THIEF_PHONE);
    const later = await changePhone(room, token, '+917760873978');
    const own = later.find(({ to }) => to === THIEF_PHONE);
    expect(own?.tokens.undo).toBeDefined();
    expect(await undo(room, notice?.tokens.undo, 'phone')).toBe(204);
    expect(await undo(room, own?.tokens.undo, 'phone')).toBe('invalid_code');
    expect(await userRow(room)).toMatchObject({ email: OWNER, phone: null });
  });

  test('stays after 72 hours in which the owner was told, also if a later change is undone', async () => {
    const room = await createQuietMailRoom();
    const { password, token } = await room.newVerifiedUser(OWNER);
    const [notice] = await changePhone(room, token, THIEF_PHONE);
    expect(notice?.to).toBe(OWNER);
    room.advance(73 * HOUR);
    expect(await undo(room, notice?.tokens.undo)).toBe('invalid_code');
    const thief = await room.tokenOf(OWNER, password);
    const notices = await changeEmail(room, thief, THIEF);
    expect(notices.map(({ to }) => to)).toEqual([OWNER, THIEF_PHONE]);
    expect(notices[1]?.tokens).toEqual({});
    expect(await undo(room, notices[0]?.tokens.undo)).toBe(204);
    expect(await userRow(room)).toMatchObject({ email: OWNER, phoneNormalized: THIEF_PHONE });
  });
});
