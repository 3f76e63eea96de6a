import { describe, expect, test } from 'vitest';
import { auditEvents, users } from '../../src/core/db/schema.ts';
import { codeOf, createMailRoom, type MailRoom, otherCode } from '../support/mail-room.ts';
import { bearer } from '../support/test-app.ts';

const HOUR = 3600;
const MINUTE = 60;
const MILLISECOND = 0.001;
const CONFIRM = '/auth/verification/confirm';

const request = (room: MailRoom, token: string, channel = 'email') =>
  room.post('/auth/verification', { channel }, bearer(token));

const confirm = async (room: MailRoom, body: unknown, headers = {}) =>
  codeOf(await room.post(CONFIRM, body, headers));

describe('POST /auth/verification', () => {
  test('sends a link and a code to the address, and answers 202', async () => {
    const room = await createMailRoom();
    const { email, token } = await room.newUser();
    const answer = await request(room, token);
    expect([answer.status, await answer.json()]).toEqual([202, {}]);
    const { to, code, tokens } = await room.message();
    expect([to, code?.length, Object.keys(tokens)]).toEqual([email, 6, ['verify', 'undo']]);
  });

  test('answers no_address and already_verified', async () => {
    const room = await createMailRoom();
    const { token } = await room.newVerifiedUser();
    const phone = await request(room, token, 'phone');
    expect([phone.status, await codeOf(phone)]).toEqual([409, 'no_address']);
    const email = await request(room, token, 'email');
    expect([email.status, await codeOf(email)]).toEqual([409, 'already_verified']);
  });

  test('requires a login', async () => {
    const room = await createMailRoom();
    const answer = await room.post('/auth/verification', { channel: 'email' });
    expect([answer.status, await codeOf(answer)]).toEqual([401, 'not_authenticated']);
  });
});

describe('POST /auth/verification/confirm', () => {
  test('by a link needs no login and works once', async () => {
    const room = await createMailRoom();
    const { id, token } = await room.newUser();
    await request(room, token);
    const { tokens, code } = await room.message();
    expect(await confirm(room, { token: tokens.verify })).toBe(204);
    expect(await confirm(room, { token: tokens.verify })).toBe('invalid_code');
    expect(await confirm(room, { channel: 'email', code }, bearer(token))).toBe('invalid_code');
    expect((await room.profile(token)).body).toMatchObject({ email_verified: true });
    const events = await room.db.select().from(auditEvents);
    expect(events.at(-1)).toMatchObject({
      action: 'address_verify',
      subjectId: id,
      actorId: null,
      detail: '{"channel":"email"}',
    });
  });

  test('by a code needs the login of its account', async () => {
    const room = await createMailRoom();
    const { token } = await room.newUser();
    const eve = await room.newUser('eve@example.com');
    await request(room, token);
    const { code } = await room.message();
    const body = { channel: 'email', code };
    expect(await confirm(room, body)).toBe('not_authenticated');
    expect(await confirm(room, body, bearer('x.y.z'))).toBe('invalid_token');
    expect(await confirm(room, body, bearer(eve.token))).toBe('invalid_code');
    const wrong = { channel: 'email', code: otherCode(code) };
    expect(await confirm(room, wrong, bearer(token))).toBe('invalid_code');
    expect(await confirm(room, { channel: 'phone', code }, bearer(token))).toBe('invalid_code');
    expect(await confirm(room, body, bearer(token))).toBe(204);
    expect((await room.profile(token)).body).toMatchObject({ email_verified: true });
  });

  test('changes the entity tag of the profile', async () => {
    const room = await createMailRoom();
    const { token } = await room.newUser();
    const tagOf = async () =>
      (await room.send('/profile/me', { headers: bearer(token) })).headers.get('ETag');
    const before = await tagOf();
    await room.verify(token);
    expect(await tagOf()).not.toBe(before);
  });

  test('the link is valid for 24 hours and the code for 15 minutes, to the millisecond', async () => {
    for (const [seconds, isLink] of [
      [24 * HOUR, true],
      [15 * MINUTE, false],
    ] as const) {
      const room = await createMailRoom({ ACCESS_TOKEN_EXPIRE_MINUTES: '2880' });
      const { token } = await room.newUser();
      await request(room, token);
      const { tokens, code } = await room.message();
      const proof = isLink ? { token: tokens.verify } : { channel: 'email', code };
      room.advance(seconds);
      expect(await confirm(room, proof, bearer(token))).toBe('invalid_code');
      room.advance(-MILLISECOND);
      expect(await confirm(room, proof, bearer(token))).toBe(204);
    }
  });

  test.each([
    ['disabled', ({ db }: MailRoom) => db.update(users).set({ disabledAt: 1 })],
    ['deleted', ({ db }: MailRoom) => db.delete(users)],
  ])('the link is rejected once the account has been %s', async (_, meanwhile) => {
    const room = await createMailRoom();
    const { token } = await room.newUser();
    await request(room, token);
    const { tokens } = await room.message();
    await meanwhile(room);
    expect(await confirm(room, { token: tokens.verify })).toBe('invalid_code');
  });

  test('of a phone number works by code', async () => {
    const room = await createMailRoom();
    const { token } = await room.newPhoneUser('7760873976');
    await room.verify(token, 'phone');
    expect((await room.profile(token)).body).toMatchObject({ phone_verified: true });
  });

  test('[S16] a GET uses nothing up', async () => {
    const room = await createMailRoom();
    const { token } = await room.newUser();
    await request(room, token);
    const { tokens } = await room.message();
    const link = tokens.verify;
    for (const path of [
      CONFIRM,
      '/auth/password/reset',
      '/auth/code/login',
      '/auth/email/confirm',
      '/auth/email/undo',
      '/auth/phone/undo',
    ]) {
      for (const method of ['GET', 'HEAD']) {
        const answer = await room.send(`${path}?token=${link}`, { method });
        expect([path, answer.status, answer.headers.get('Allow')]).toEqual([
          path,
          405,
          'OPTIONS, POST',
        ]);
      }
    }
    expect(await confirm(room, { token: link })).toBe(204);
  });
});
