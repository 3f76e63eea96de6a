import { describe, expect, test } from 'vitest';
import { createMailRoom } from '../support/mail-room.ts';
import { bearer, form, json } from '../support/test-app.ts';
import { DAY_SECONDS, ELSEWHERE, fail, kinds, NEW, newcomer, password } from './newcomer.ts';

describe('a notice of a login', () => {
  test('is sent for a network that is new to the account, in the language of the account', async () => {
    const room = await createMailRoom();
    const { email } = await newcomer(room, 'ada@example.com', 'hi');
    expect(await kinds(room)).toEqual([]);
    await room.logIn(email, password);
    expect(await kinds(room)).toEqual([]);
    await room.logIn(email, password, ELSEWHERE);
    await room.deliver();
    expect(await room.message()).toMatchObject({ kind: 'new_login', to: email, locale: 'hi' });
    await room.logIn(email, password, ELSEWHERE);
    await room.logIn(email, password, '192.0.2.1');
    expect(await kinds(room)).toEqual([]);
    room.advance(DAY_SECONDS);
    await room.logIn(email, password, '192.0.2.2');
    expect(await kinds(room)).toEqual(['new_login']);
  });

  test('is not sent for a sign-up that logs in, a wrong password or a password change elsewhere', async () => {
    const room = await createMailRoom();
    await room.send(
      '/api/v1/auth/signup',
      json('POST', { phone: '9876543210', email: 'eve@example.com', password }),
      ELSEWHERE,
    );
    const { email, token } = await newcomer(room);
    await fail(room, email, 3);
    const change = { current_password: password, new_password: NEW };
    await room.post('/auth/password/change', change, bearer(token), '192.0.2.9');
    expect(await kinds(room)).toEqual(['password_changed']);
  });

  test('is sent for a login by a code', async () => {
    const room = await createMailRoom();
    const { email } = await newcomer(room);
    const { tokens } = await room.ask('/auth/code', email);
    await room.post('/auth/code/login', { token: tokens.login }, {}, ELSEWHERE);
    expect(await kinds(room)).toEqual(['new_login']);
  });

  test('goes to no phone number: text messages cost money', async () => {
    const room = await createMailRoom();
    const { phone, token } = await room.newPhoneUser('+919876543210');
    await room.verify(token, 'phone');
    await room.logIn(phone, password, ELSEWHERE);
    await room.logIn(phone, password, '192.0.2.1');
    await fail(room, phone, 12);
    expect(await kinds(room)).toEqual([]);
  });

  test('is sent although a stolen session was used from that network before', async () => {
    const room = await createMailRoom();
    const { email, token } = await newcomer(room);
    room.advance(60);
    expect((await room.send('/profile/me', { headers: bearer(token) }, ELSEWHERE)).status).toBe(
      200,
    );
    await room.logIn(email, password, ELSEWHERE);
    expect(await kinds(room)).toEqual(['new_login']);
  });

  test('is sent for a re-authentication, which does not make network and device known in silence', async () => {
    const room = await createMailRoom();
    const { email, token } = await newcomer(room, 'ada@example.com', 'hi');
    await room.post('/auth/reauthenticate', { password: 'wrong' }, bearer(token), ELSEWHERE);
    expect(await kinds(room)).toEqual([]);
    await room.post('/auth/reauthenticate', { password }, bearer(token), ELSEWHERE);
    await room.deliver();
    expect(await room.message()).toMatchObject({ kind: 'new_login', to: email, locale: 'hi' });
    room.advance(DAY_SECONDS);
    await room.logIn(email, password, ELSEWHERE);
    expect(await kinds(room)).toEqual([]);
  });

  test('is sent for a re-authentication by a code', async () => {
    const room = await createMailRoom();
    const { token } = await newcomer(room);
    await room.post('/auth/reauthenticate/code', {}, bearer(token));
    const { code } = await room.message();
    const proved = await room.post('/auth/reauthenticate', { code }, bearer(token), ELSEWHERE);
    expect(proved.status).toBe(200);
    expect(await kinds(room)).toEqual(['new_login']);
  });

  test('is not sent for a re-authentication from a known network or with a known device', async () => {
    const room = await createMailRoom();
    const { email, token } = await newcomer(room);
    await room.post('/auth/reauthenticate', { password }, bearer(token));
    const login = await room.send('/auth/login', form({ username: email, password }));
    const { device_token } = (await login.json()) as { device_token: string };
    const body = { password, device_token };
    const proved = await room.post('/auth/reauthenticate', body, bearer(token), ELSEWHERE);
    expect(((await proved.json()) as { device_token: string }).device_token).toBe(device_token);
    expect(await kinds(room)).toEqual([]);
  });

  test('is sent again 90 days after the last login from the network, although sessions have used it', async () => {
    const room = await createMailRoom();
    const { email } = await newcomer(room);
    const token = await room.tokenOf(email, password);
    for (let days = 0; days < 90; days += 10) {
      room.advance(10 * DAY_SECONDS);
      await room.send('/profile/me', { headers: bearer(token) });
    }
    await room.logIn(email, password);
    expect(await kinds(room)).toEqual(['new_login']);
  });

  test('of 20 logins at once from 20 networks is sent once', async () => {
    const room = await createMailRoom();
    const { email } = await newcomer(room);
    const statuses = await Promise.all(
      Array.from({ length: 20 }, (_, i) => room.logIn(email, password, `192.0.2.${i}`)),
    );
    expect(statuses).toEqual(Array(20).fill(200));
    expect(await kinds(room)).toEqual(['new_login']);
  });
});

describe('a notice of a lockout', () => {
  test('is sent once a day, however many strangers cause it', async () => {
    const room = await createMailRoom();
    const { email } = await newcomer(room, 'ada@example.com', 'hi');
    await fail(room, email, 9);
    expect(await kinds(room)).toEqual([]);
    await fail(room, email, 1);
    await room.deliver();
    expect(await room.message()).toMatchObject({ kind: 'lockout', to: email, locale: 'hi' });
    await fail(room, email, 10, '192.0.2.1');
    expect(await kinds(room)).toEqual([]);
  });

  test('of 40 wrong passwords at once is sent once', async () => {
    const room = await createMailRoom();
    const { email } = await newcomer(room);
    await Promise.all(
      Array.from({ length: 40 }, (_, i) => room.logIn(email, 'wrong', `192.0.2.${i % 2}`)),
    );
    expect(await kinds(room)).toEqual(['lockout']);
  });
});

describe('a notice of a lockout of password changes', () => {
  test.each([
    ['password changes', '/auth/password/change', { current_password: 'wrong', new_password: NEW }],
    ['re-authentications', '/auth/reauthenticate', { password: 'wrong' }],
  ])('is sent once for too many wrong passwords at %s', async (_, path, body) => {
    const room = await createMailRoom();
    const { email, token } = await newcomer(room, 'ada@example.com', 'hi');
    const attempt = async () => (await room.post(path, body, bearer(token))).status;
    for (let i = 0; i < 9; i++) {
      expect(await attempt()).toBe(400);
      room.advance(60);
    }
    expect(await kinds(room)).toEqual([]);
    await attempt();
    await room.deliver();
    expect(await room.message()).toMatchObject({ kind: 'lockout', to: email, locale: 'hi' });
    room.advance(60);
    await attempt();
    expect(await kinds(room)).toEqual([]);
  });
});
