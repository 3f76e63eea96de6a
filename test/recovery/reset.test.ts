import { expect, test } from 'vitest';
import { codeOf, createMailRoom } from '../support/mail-room.ts';

const NEW_PASSWORD = 'difference engine';

test('a forgotten password is reset by a link, once, and every session ends', async () => {
  const room = await createMailRoom();
  const { email, password, token } = await room.newUser();
  const answer = await room.post('/auth/password/forgot', { username: email });
  expect([answer.status, await answer.json()]).toEqual([202, {}]);
  const [message] = await room.received();
  expect(message?.to).toBe(email);
  const body = { token: message?.tokens.reset, new_password: NEW_PASSWORD };

  expect((await room.profile(token)).body).toMatchObject({ email_verified: false });
  expect(await codeOf(await room.post('/auth/password/reset', body))).toBe(204);
  expect(await codeOf(await room.post('/auth/password/reset', body))).toBe('invalid_code');
  expect((await room.profile(token)).status).toBe(401);
  expect(await room.logIn(email, password)).toBe(400);
  expect(await room.logIn(email, NEW_PASSWORD)).toBe(200);
  expect((await room.received()).map(({ to }) => to)).toEqual([email]);
});

test('a code resets it as well', async () => {
  const room = await createMailRoom();
  const { email } = await room.newUser();
  await room.post('/auth/password/forgot', { username: email });
  const [message] = await room.received();
  const { code } = message ?? {};
  const body = { username: email.toUpperCase(), code, new_password: NEW_PASSWORD };
  const wrong = { ...body, code: code === '000000' ? '000001' : '000000' };
  expect(await codeOf(await room.post('/auth/password/reset', wrong))).toBe('invalid_code');
  const weak = { ...body, new_password: 'password' };
  expect(await codeOf(await room.post('/auth/password/reset', weak))).toBe('weak_password');
  expect(await codeOf(await room.post('/auth/password/reset', body))).toBe(204);
  expect(await room.logIn(email, NEW_PASSWORD)).toBe(200);
});
