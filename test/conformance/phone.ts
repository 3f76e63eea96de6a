import { expect, test } from 'vitest';
import { type Api, uniqueEmail, uniquePhone } from '../support/api.ts';
import type { Part } from './suite.ts';

const password = 'go to the moon 1969';

const signUp = (api: Api, fields: Record<string, unknown>) =>
  api.json('POST', '/api/v1/auth/signup', { phone: uniquePhone(), password, ...fields });

const logIn = (api: Api, fields: Record<string, unknown>) =>
  api.json('POST', '/api/v1/auth/login', fields);

export const phone: Part = (api) => {
  test('POST /api/v1/auth/signup logs in and returns 201 in the envelope', async () => {
    const [phone, email] = [uniquePhone(), uniqueEmail()];
    const answer = await signUp(api(), { phone, email, name: 'Katherine Johnson' });
    expect(answer.status).toBe(201);
    expect(answer.body).toEqual({
      status: 'success',
      message: 'Signup successful',
      data: {
        token: expect.any(String),
        user: { id: expect.any(Number), name: 'Katherine Johnson', email, phone },
        refresh_token: expect.any(String),
        expires_in: 3600,
        device_token: expect.any(String),
      },
    });
    const profile = await api().get('/api/v1/user/profile', {
      Authorization: `Bearer ${answer.at('data.token')}`,
    });
    expect(profile.at('data')).toEqual(answer.at('data.user'));
  });

  test('name and email may be omitted or null', async () => {
    for (const fields of [{}, { name: null, email: null }]) {
      const answer = await signUp(api(), fields);
      expect(answer.status).toBe(201);
      expect(answer.at('data.user')).toMatchObject({ name: null, email: null });
    }
  });

  test('a phone number is shown as entered and is unique in every format', async () => {
    const phone = uniquePhone();
    const entered = `0${phone.slice(0, 5)} ${phone.slice(5)}`;
    const first = await signUp(api(), { phone: entered });
    expect(first.at('data.user.phone')).toBe(entered);
    for (const same of [phone, `+91${phone}`, `+91 ${phone.slice(0, 5)}-${phone.slice(5)}`]) {
      const taken = await signUp(api(), { phone: same });
      expect([taken.status, taken.at('code'), taken.at('detail')]).toEqual([
        400,
        'phone_taken',
        'Phone number already registered',
      ]);
    }
  });

  test('an email address that is already registered returns 400 and creates no user', async () => {
    const [email, phone] = [uniqueEmail(), uniquePhone()];
    await signUp(api(), { email });
    const taken = await signUp(api(), { email: email.toUpperCase(), phone });
    expect([taken.status, taken.at('code')]).toEqual([400, 'email_taken']);
    expect((await logIn(api(), { phone, password })).status).toBe(401);
  });

  test.each([
    ['phone', undefined, 'required'],
    ['phone', null, 'wrong_type'],
    ['phone', 9876543210, 'wrong_type'],
    ['phone', '', 'too_short'],
    ['phone', '12345', 'invalid_phone'],
    ['phone', 'not a number', 'invalid_phone'],
    ['phone', '+1 415 555 0123 ext. 5', 'invalid_phone'],
    ['phone', '9'.repeat(33), 'too_long'],
    ['phone', '98765\n43210', 'control_character'],
    ['password', 'x'.repeat(257), 'too_long'],
    ['email', 'nobody', 'invalid_email'],
    ['name', 5, 'wrong_type'],
  ])('sign-up rejects %s %j as %s', async (field, value, code) => {
    const answer = await signUp(api(), { [field]: value });
    expect(answer.status).toBe(422);
    expect(answer.at('errors')).toMatchObject([{ pointer: `#/${field}`, code }]);
  });

  test('login accepts the phone number in every format, or the email address instead', async () => {
    const [phone, email] = [uniquePhone(), uniqueEmail()];
    await signUp(api(), { phone, email });
    for (const name of [{ phone }, { phone: `+91${phone}` }, { email }, { email, phone: null }]) {
      const answer = await logIn(api(), { ...name, password });
      expect(answer.status).toBe(200);
      expect(answer.at('data.user')).toMatchObject({ phone, email });
    }
  });

  test('a user with both logs in by either contract and is the same user', async () => {
    const [phone, email] = [uniquePhone(), uniqueEmail()];
    const id = (await signUp(api(), { phone, email })).at('data.user.id');
    const token = (await api().logIn(email, password)).at('access_token');
    const profile = await api().get('/profile/me', { Authorization: `Bearer ${token}` });
    expect(profile.body).toMatchObject({ id, phone, email });
  });

  test('[S14] login returns the same response for an unknown user, a wrong password and an invalid number', async () => {
    const phone = uniquePhone();
    await signUp(api(), { phone });
    for (const fields of [
      { phone, password: 'wrong' },
      { phone: uniquePhone(), password },
      { phone: 'not a number', password },
      { email: uniqueEmail(), password },
    ]) {
      const answer = await logIn(api(), fields);
      expect(answer.status).toBe(401);
      expect(answer.at('detail')).toBe('Invalid phone number or password');
      expect(answer.headers.get('WWW-Authenticate')).toBe('Bearer');
    }
  });

  test.each([
    [{}, '/phone', 'required'],
    [{ phone: 5 }, '/phone', 'wrong_type'],
    [{ phone: '9876543210', email: 'a@example.com' }, '/email', 'ambiguous'],
  ])('login rejects %j', async (fields, pointer, code) => {
    const answer = await logIn(api(), { ...fields, password });
    expect(answer.status).toBe(422);
    expect(answer.at('errors')).toMatchObject([{ pointer: `#${pointer}`, code }]);
  });
};
