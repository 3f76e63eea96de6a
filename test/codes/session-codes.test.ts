// Codes that only a session of the account can enter have tries of their own: strangers cannot use them up.
import { expect, test } from 'vitest';
import { codeOf, createMailRoom, type MailRoom, otherCode } from '../support/mail-room.ts';
import { bearer } from '../support/test-app.ts';

const EMAIL = 'ada@example.com';
const PHONE = '7760873976';
const MINUTE = 60;
const HOUR = 3600;
const DAY = 86_400;

/** A room whose access tokens outlive the lock. */
const createRoom = () => createMailRoom({ ACCESS_TOKEN_EXPIRE_MINUTES: '2880', NOTICES: 'off' });

/** Requests four codes and presents twenty wrong ones. */
async function lock(
  room: MailRoom,
  request: () => Promise<unknown>,
  present: (code: string) => Promise<Response>,
) {
  for (let i = 0; i < 4; i++) {
    await request();
    const { code } = await room.message();
    for (let step = 1; step <= 5; step++) {
      expect(await codeOf(await present(otherCode(code, step)))).toBe('invalid_code');
    }
    room.advance(MINUTE);
  }
}

test('[S63] twenty wrong codes of strangers do not turn off the codes of a user who is logged in', async () => {
  const room = await createRoom();
  const { token } = await room.newUser(EMAIL);
  await lock(
    room,
    () => room.post('/auth/password/forgot', { username: EMAIL }),
    (code) =>
      room.post('/auth/password/reset', {
        ...{ username: EMAIL, code },
        new_password: 'difference engine',
      }),
  );
  await room.post('/auth/phone/change', { phone: PHONE }, bearer(token));
  const sms = await room.message();
  const confirmed = await room.post('/auth/phone/confirm', { code: sms.code }, bearer(token));
  expect(await codeOf(confirmed)).toBe(204);
  await room.received();
  room.advance(HOUR);
  expect((await room.ask('/auth/password/forgot', EMAIL)).code).toBe(undefined);
  room.advance(MINUTE);
  await room.verify(token);
  await room.post('/auth/reauthenticate/code', {}, bearer(token));
  const { code } = await room.message();
  const again = await room.post('/auth/reauthenticate', { code }, bearer(token));
  expect(await codeOf(again)).toBe(200);
});

test('[S63] after twenty wrong codes of sessions, no session gets a code for a day, and is told so; resets keep theirs', async () => {
  const room = await createRoom();
  const { token, password } = await room.newVerifiedUser(EMAIL);
  const request = () => room.post('/auth/reauthenticate/code', {}, bearer(token));
  await lock(room, request, (code) => room.post('/auth/reauthenticate', { code }, bearer(token)));
  room.advance(HOUR);
  const refused = await request();
  expect(refused.headers.get('Retry-After')).toBe(String(DAY - HOUR - MINUTE));
  expect(await codeOf(refused)).toBe('too_many_requests');
  room.advance(MINUTE);
  const fresh = bearer(await room.tokenOf(EMAIL, password));
  const phone = await room.post('/auth/phone/change', { phone: PHONE }, fresh);
  expect(await codeOf(phone)).toBe('too_many_requests');
  expect(await room.received()).toEqual([]);
  room.advance(MINUTE);
  // A change of the email address has a link only.
  const email = await room.post('/auth/email/change', { email: 'new@example.com' }, fresh);
  expect(await codeOf(email)).toBe(202);
  expect((await room.message()).tokens.change).toBeDefined();
  room.advance(MINUTE);
  expect((await room.ask('/auth/password/forgot', EMAIL)).code).toHaveLength(6);
  room.advance(DAY - HOUR - 4 * MINUTE);
  expect(await codeOf(await request())).toBe(202);
  const { code } = await room.message();
  const right = await room.post('/auth/reauthenticate', { code }, bearer(token));
  expect(await codeOf(right)).toBe(200);
});
