import { eq } from 'drizzle-orm';
import { describe, expect, test } from 'vitest';
import { reservedAddresses } from '../../src/core/db/account-schema.ts';
import { auditEvents, users } from '../../src/core/db/schema.ts';
import { codeOf, createQuietMailRoom, type MailRoom, otherCode } from '../support/mail-room.ts';
import { bearer } from '../support/test-app.ts';

const NEW = 'new@example.com';
const MILLISECOND = 0.001;
const MINUTE = 60;
const HOUR = 3600;

/** Requests a change of the email address. Returns the tokens of the message. */
async function requestChange(room: MailRoom, token: string, email = NEW) {
  const answer = await room.post('/auth/email/change', { email }, bearer(token));
  expect([answer.status, await answer.json()]).toEqual([202, {}]);
  return (await room.message()).tokens;
}

const confirm = async (room: MailRoom, token: string | undefined) =>
  codeOf(await room.post('/auth/email/confirm', { token }));

describe('POST /auth/email/change', () => {
  test('changes nothing until the link in the message to the new address is confirmed, once', async () => {
    const room = await createQuietMailRoom();
    const { id, email, token } = await room.newVerifiedUser();
    const { change, undo } = await requestChange(room, token);
    expect(undo).toBeDefined();
    expect((await room.profile(token)).body).toMatchObject({ email, email_verified: true });
    expect(await confirm(room, change)).toBe(204);
    expect(await confirm(room, change)).toBe('invalid_code');
    expect((await room.profile(token)).body).toMatchObject({ email: NEW, email_verified: true });
    const notice = await room.message();
    expect([notice.to, Object.keys(notice.tokens), notice.code]).toEqual([
      email,
      ['undo'],
      undefined,
    ]);
    const events = await room.db.select().from(auditEvents).where(eq(auditEvents.subjectId, id));
    expect(events.at(-1)).toMatchObject({
      action: 'address_change',
      detail: '{"channel":"email"}',
    });
    expect(JSON.stringify(events)).not.toContain(NEW);
  });

  test('sends a notice without an undo link to an address that was not verified, and reserves nothing', async () => {
    const room = await createQuietMailRoom();
    const { email, token } = await room.newUser();
    const { change } = await requestChange(room, token);
    expect(await confirm(room, change)).toBe(204);
    const notice = await room.message();
    expect([notice.to, notice.tokens]).toEqual([email, {}]);
    expect(await room.db.select().from(reservedAddresses)).toEqual([]);
    expect((await room.newUser(email)).id).toBeGreaterThan(1);
  });

  test('the link is valid for 60 minutes, to the millisecond', async () => {
    const room = await createQuietMailRoom();
    const { token } = await room.newUser();
    const { change } = await requestChange(room, token);
    room.advance(60 * MINUTE);
    expect(await confirm(room, change)).toBe('invalid_code');
    room.advance(-MILLISECOND);
    expect(await confirm(room, change)).toBe(204);
  });

  test('requires a recent login', async () => {
    const room = await createQuietMailRoom();
    const { token } = await room.newUser();
    room.advance(10 * MINUTE + MILLISECOND);
    const answer = await room.post('/auth/email/change', { email: NEW }, bearer(token));
    expect(await codeOf(answer)).toBe('reauthentication_required');
    expect(await codeOf(await room.post('/auth/email/change', { email: NEW }))).toBe(
      'not_authenticated',
    );
    expect(await room.received()).toEqual([]);
  });

  test('to the same address verifies it, and tells nobody', async () => {
    const room = await createQuietMailRoom();
    const { email, token } = await room.newUser();
    const { change } = await requestChange(room, token, email.toUpperCase());
    expect(await confirm(room, change)).toBe(204);
    expect((await room.profile(token)).body).toMatchObject({
      email: email.toUpperCase(),
      email_verified: true,
    });
    expect(await room.received()).toEqual([]);
  });

  test('an older link to another address ends when one is confirmed', async () => {
    const room = await createQuietMailRoom();
    const { token } = await room.newUser();
    const first = await requestChange(room, token, 'first@example.com');
    room.advance(MINUTE);
    const second = await requestChange(room, token, 'second@example.com');
    expect(await confirm(room, second.change)).toBe(204);
    expect(await confirm(room, first.change)).toBe('invalid_code');
  });

  test('a password change ends a change that is pending', async () => {
    const room = await createQuietMailRoom();
    const { email, password, token } = await room.newVerifiedUser();
    const { change } = await requestChange(room, await room.tokenOf(email, password));
    const body = { current_password: password, new_password: 'difference engine' };
    expect((await room.post('/auth/password/change', body, bearer(token))).status).toBe(200);
    expect(await confirm(room, change)).toBe('invalid_code');
  });

  test.each([
    ['disabled', ({ db }: MailRoom) => db.update(users).set({ disabledAt: 1 })],
    ['deleted', ({ db }: MailRoom) => db.delete(users)],
  ])('the link is rejected once the account has been %s', async (_, meanwhile) => {
    const room = await createQuietMailRoom();
    const { token } = await room.newUser();
    const { change } = await requestChange(room, token);
    await meanwhile(room);
    expect(await confirm(room, change)).toBe('invalid_code');
  });

  test.each([
    ['all=true', 'every session'],
    ['all=false', 'all other sessions'],
  ])('DELETE /auth/sessions?%s, which ends %s, ends a change that is pending', async (query) => {
    const room = await createQuietMailRoom();
    const { email, password, token } = await room.newVerifiedUser();
    const { change } = await requestChange(room, token);
    const own = await room.tokenOf(email, password);
    const init = { method: 'DELETE', headers: bearer(own) };
    expect((await room.send(`/auth/sessions?${query}`, init)).status).toBe(204);
    expect(await confirm(room, change)).toBe('invalid_code');
  });

  test('verifying one address keeps the pending verification of the other', async () => {
    const room = await createQuietMailRoom();
    const { token } = await room.newPhoneUser('7760873976', 'ada@example.com');
    await room.post('/auth/verification', { channel: 'phone' }, bearer(token));
    const { code } = await room.message();
    room.advance(MINUTE);
    await room.verify(token);
    const { change } = await requestChange(room, token);
    expect(await confirm(room, change)).toBe(204);
    const answer = await room.post(
      '/auth/verification/confirm',
      { channel: 'phone', code },
      bearer(token),
    );
    expect(answer.status).toBe(204);
  });
});

describe('POST /auth/phone/change', () => {
  const changePhone = async (room: MailRoom, token: string, phone: string) => {
    const answer = await room.post('/auth/phone/change', { phone }, bearer(token));
    expect([answer.status, await answer.json()]).toEqual([202, {}]);
    return room.message();
  };
  const confirmPhone = async (room: MailRoom, token: string, code: string | undefined) =>
    codeOf(await room.post('/auth/phone/confirm', { code }, bearer(token)));

  test('adds a number by a code that its own user enters', async () => {
    const room = await createQuietMailRoom();
    const { token } = await room.newUser();
    const other = await room.newUser('eve@example.com');
    const { to, code, tokens } = await changePhone(room, token, '77608 73976');
    expect([to, Object.keys(tokens)]).toEqual(['+917760873976', ['undo']]);
    expect(await confirmPhone(room, other.token, code)).toBe('invalid_code');
    expect(await confirmPhone(room, token, otherCode(code))).toBe('invalid_code');
    expect(await confirmPhone(room, token, code)).toBe(204);
    expect(await confirmPhone(room, token, code)).toBe('invalid_code');
    expect((await room.profile(token)).body).toMatchObject({
      phone: '77608 73976',
      phone_verified: true,
    });
    expect((await room.received()).map(({ to }) => to)).toEqual(['ada@example.com']);
  });

  test('sends a notice with an undo link to a verified number, and POST /auth/phone/undo restores it', async () => {
    const room = await createQuietMailRoom();
    const { phone, token, password } = await room.newPhoneUser('7760873976');
    await room.verify(token, 'phone');
    const { code } = await changePhone(room, token, '7760873977');
    expect(await confirmPhone(room, token, code)).toBe(204);
    const notice = await room.message();
    expect(notice.to).toBe('+917760873976');
    const { undo } = notice.tokens;
    expect(undo).toBeDefined();
    expect(await codeOf(await room.post('/auth/email/undo', { token: undo }))).toBe('invalid_code');
    expect(await codeOf(await room.post('/auth/phone/undo', { token: undo }))).toBe(204);
    expect((await room.profile(token)).status).toBe(401);
    expect(await room.logIn(phone, password)).toBe(400);
    expect(await room.db.select().from(users)).toMatchObject([
      { phone, phoneNormalized: '+917760873976', passwordHash: null },
    ]);
  });

  test('the code is valid for 15 minutes, to the millisecond; five wrong ones end it', async () => {
    const room = await createQuietMailRoom();
    const { token } = await room.newUser();
    const { code } = await changePhone(room, token, '7760873976');
    room.advance(15 * MINUTE);
    expect(await confirmPhone(room, token, code)).toBe('invalid_code');
    room.advance(-MILLISECOND);
    for (let i = 1; i <= 5; i++) {
      expect(await confirmPhone(room, token, otherCode(code, i))).toBe('invalid_code');
    }
    expect(await confirmPhone(room, token, code)).toBe('invalid_code');
  });

  test('a new code replaces the older one, whichever number it is for', async () => {
    const room = await createQuietMailRoom();
    const { token } = await room.newUser();
    const first = await changePhone(room, token, '7760873976');
    room.advance(MINUTE);
    const second = await changePhone(room, token, '7760873977');
    expect(await confirmPhone(room, token, first.code)).toBe('invalid_code');
    expect(await confirmPhone(room, token, second.code)).toBe(204);
  });

  test('answers phone_taken if another account has verified the number', async () => {
    const room = await createQuietMailRoom();
    const owner = await room.newPhoneUser('7760873976');
    await room.verify(owner.token, 'phone');
    const { token } = await room.newUser();
    const { code } = await changePhone(room, token, '7760873976');
    expect(await confirmPhone(room, token, code)).toBe('phone_taken');
  });

  test('takes the number from an account that merely typed it', async () => {
    const room = await createQuietMailRoom();
    const squatter = await room.newPhoneUser('7760873976');
    const { token } = await room.newUser();
    const { code } = await changePhone(room, token, '7760873976');
    expect(await confirmPhone(room, token, code)).toBe(204);
    expect((await room.profile(squatter.token)).status).toBe(401);
  });

  test('rejects a number that does not exist', async () => {
    const room = await createQuietMailRoom();
    const { token } = await room.newUser();
    const answer = await room.post('/auth/phone/change', { phone: '12' }, bearer(token));
    expect([answer.status, await answer.json()]).toMatchObject([
      422,
      { errors: [{ pointer: '#/phone', code: 'invalid_phone' }] },
    ]);
  });
});

describe('a replaced address that was verified', () => {
  test('is reserved for 72 hours: nobody else can sign up with it or change to it', async () => {
    const room = await createQuietMailRoom();
    const { email, password, token } = await room.newVerifiedUser();
    const stranger = await room.newUser('eve@example.com');
    const { change } = await requestChange(room, token);
    expect(await confirm(room, change)).toBe(204);
    await room.received();

    const signUp = async () =>
      codeOf(await room.post('/auth/signup', { email: email.toUpperCase(), password }));
    room.advance(72 * HOUR - 60 * MINUTE);
    const fresh = await room.tokenOf(stranger.email, stranger.password);
    const byStranger = await requestChange(room, fresh, email);
    room.advance(60 * MINUTE - MILLISECOND);
    expect(await signUp()).toBe('email_taken');
    expect(await confirm(room, byStranger.change)).toBe('email_taken');
    room.advance(MILLISECOND);
    expect(await signUp()).toBe(201);
  });

  test('is free again for the stranger who confirms after 72 hours', async () => {
    const room = await createQuietMailRoom();
    const { email, token } = await room.newVerifiedUser();
    const stranger = await room.newUser('eve@example.com');
    expect(await confirm(room, (await requestChange(room, token)).change)).toBe(204);
    await room.received();
    room.advance(72 * HOUR - MINUTE);
    const fresh = await room.tokenOf(stranger.email, stranger.password);
    const { change } = await requestChange(room, fresh, email);
    expect(await confirm(room, change)).toBe('email_taken');
    room.advance(MINUTE);
    expect(await confirm(room, change)).toBe(204);
  });

  test('can be taken back by its own account', async () => {
    const room = await createQuietMailRoom();
    const { email, token } = await room.newVerifiedUser();
    expect(await confirm(room, (await requestChange(room, token)).change)).toBe(204);
    await room.received();
    room.advance(MINUTE);
    expect(await confirm(room, (await requestChange(room, token, email)).change)).toBe(204);
    expect((await room.profile(token)).body.email).toBe(email);
  });

  test('a phone number is reserved in the same way', async () => {
    const room = await createQuietMailRoom();
    const { phone, token, password } = await room.newPhoneUser('7760873976');
    await room.verify(token, 'phone');
    await room.post('/auth/phone/change', { phone: '7760873977' }, bearer(token));
    const { code } = await room.message();
    expect((await room.post('/auth/phone/confirm', { code }, bearer(token))).status).toBe(204);
    const signUp = async () => codeOf(await room.post('/api/v1/auth/signup', { phone, password }));
    expect(await signUp()).toBe('phone_taken');
    room.advance(72 * HOUR);
    expect(await signUp()).toBe(201);
  });

  test('is removed by housekeeping after that', async () => {
    const room = await createQuietMailRoom();
    const { token } = await room.newVerifiedUser();
    expect(await confirm(room, (await requestChange(room, token)).change)).toBe(204);
    room.advance(72 * HOUR - MILLISECOND);
    await room.tick();
    expect(await room.db.select().from(reservedAddresses)).toHaveLength(1);
    room.advance(MILLISECOND);
    await room.tick();
    expect(await room.db.select().from(reservedAddresses)).toEqual([]);
  });
});
