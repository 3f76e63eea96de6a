import { expect, test } from 'vitest';
import { type Api, uniqueEmail, uniquePhone } from '../support/api.ts';
import type { Part } from './suite.ts';

const password = 'analytical engine';

const signUpWith = (api: Api, fields: Record<string, unknown>) =>
  api.json('POST', '/auth/signup', { email: uniqueEmail(), password, ...fields });

export const signUp: Part = (api) => {
  test('returns 201 with exactly id, email, name and bio; name is null if omitted', async () => {
    const email = uniqueEmail();
    const answer = await signUpWith(api(), { email });
    expect(answer.status).toBe(201);
    expect(answer.body).toEqual({ id: expect.any(Number), email, name: null, bio: '' });
  });

  test('ids grow and are never reused', async () => {
    const first = await signUpWith(api(), {});
    const second = await signUpWith(api(), {});
    expect(Number(second.at('id'))).toBeGreaterThan(Number(first.at('id')));
  });

  test('an email address is shown as entered and is unique regardless of letter case', async () => {
    const email = uniqueEmail().replace('user', 'User');
    expect((await signUpWith(api(), { email })).at('email')).toBe(email);
    const taken = await signUpWith(api(), { email: email.toUpperCase() });
    expect([taken.status, taken.at('code'), taken.at('detail')]).toEqual([
      400,
      'email_taken',
      'Email already registered',
    ]);
  });

  test('[S28] members that do not belong to a sign-up change nothing', async () => {
    const answer = await signUpWith(api(), {
      id: 1,
      bio: 'mine',
      role: 'admin',
      version: 9,
      phone: uniquePhone(),
      email_verified: true,
      password_hash: 'x',
    });
    expect(answer.status).toBe(201);
    expect(answer.at('bio')).toBe('');
    expect(answer.at('id')).not.toBe(1);
    const token = (await api().logIn(String(answer.at('email')), password)).at('access_token');
    const profile = await api().get('/profile/me', { Authorization: `Bearer ${token}` });
    expect(profile.at('phone')).toBeNull();
    expect(profile.headers.get('ETag')).toBe(`"${answer.at('id')}-1"`);
  });

  test('[S1] accepts passwords of 8, 64 and 256 code points, and rejects those of 0, 7 and 257', async () => {
    for (const [length, status] of [
      [0, 400],
      [7, 400],
      [8, 201],
      [64, 201],
      [256, 201],
      [257, 422],
    ] as const) {
      const answer = await signUpWith(api(), { password: '🔑'.repeat(length) });
      expect([length, answer.status]).toEqual([length, status]);
    }
  });

  test('[S2] accepts a password of twenty lower-case letters', async () => {
    expect((await signUpWith(api(), { password: 'abcdefghijklmnopqrst' })).status).toBe(201);
  });

  test('[S1] a Unicode passphrase logs in even if it is typed in another normal form', async () => {
    const email = uniqueEmail();
    const passphrase = 'Zoë trinkt Ångström 🔑';
    await signUpWith(api(), { email, password: passphrase.normalize('NFC') });
    expect((await api().logIn(email, passphrase.normalize('NFD'))).status).toBe(200);
  });

  test('[S3] a password is wrong if it differs only after byte 72, in letter case or by a trailing space', async () => {
    const email = uniqueEmail();
    const long = `${'x'.repeat(72)}a`;
    await signUpWith(api(), { email, password: long });
    for (const other of [
      long.slice(0, 72),
      `${long.slice(0, 72)}b`,
      long.toUpperCase(),
      `${long} `,
    ]) {
      expect((await api().logIn(email, other)).status).toBe(400);
    }
    expect((await api().logIn(email, long)).status).toBe(200);
  });

  test.each([
    ['email', undefined, 'required'],
    ['email', 5, 'wrong_type'],
    ['email', null, 'wrong_type'],
    ['email', 'nobody', 'invalid_email'],
    ['email', 'a@b', 'invalid_email'],
    ['email', 'a b@example.com', 'invalid_email'],
    ['email', 'a@example.com\u0000', 'invalid_email'],
    ['email', `${'a'.repeat(250)}@example.com`, 'too_long'],
    ['password', undefined, 'required'],
    ['password', 12345678, 'wrong_type'],
    ['password', 'with a \u0000 in it', 'control_character'],
    ['password', 'lone surrogate \ud800', 'malformed_unicode'],
    ['name', 5, 'wrong_type'],
    ['name', 'x'.repeat(256), 'too_long'],
    ['name', 'line\nfeed', 'control_character'],
    ['name', '\udc00', 'malformed_unicode'],
  ])('rejects %s %j as %s and returns its pointer', async (field, value, code) => {
    const answer = await signUpWith(api(), { [field]: value });
    expect(answer.status).toBe(422);
    expect(answer.at('errors')).toEqual([
      { pointer: `#/${field}`, code, message: expect.any(String) },
    ]);
    expect(answer.at('detail')).toMatch(new RegExp(`^${field}: `));
  });

  test('reports all wrong fields at once', async () => {
    const answer = await api().json('POST', '/auth/signup', {});
    expect(answer.at('errors')).toMatchObject([{ pointer: '#/email' }, { pointer: '#/password' }]);
  });

  test.each([['[]'], ['null'], ['"text"'], ['5']])('rejects the body %s', async (body) => {
    const headers = { 'Content-Type': 'application/json' };
    const answer = await api().request('POST', '/auth/signup', { headers, body });
    expect(answer.status).toBe(422);
    expect(answer.at('errors')).toMatchObject([{ pointer: '#', code: 'wrong_type' }]);
  });
};

export const logIn: Part = (api) => {
  test('returns 200 with a bearer token and its lifetime, and forbids caching', async () => {
    const { email } = await api().newAccount();
    const answer = await api().logIn(email, password);
    expect(answer.status).toBe(200);
    expect(answer.body).toEqual({
      access_token: expect.any(String),
      token_type: 'bearer',
      expires_in: 3600,
      refresh_token: expect.any(String),
      device_token: expect.any(String),
    });
    expect(answer.headers.get('Cache-Control')).toBe('no-store');
  });

  test('ignores the other fields of the OAuth2 password form', async () => {
    const { email } = await api().newAccount();
    const answer = await api().form('/auth/login', {
      username: email,
      password,
      grant_type: 'password',
      scope: 'everything',
      client_id: 'web',
      client_secret: 'none',
    });
    expect(answer.status).toBe(200);
  });

  test('accepts the email address in any letter case', async () => {
    const { email } = await api().newAccount();
    expect((await api().logIn(email.toUpperCase(), password)).status).toBe(200);
  });

  test('accepts a phone number in any of its formats as the username', async () => {
    const phone = uniquePhone();
    await api().json('POST', '/api/v1/auth/signup', { phone, password });
    for (const username of [
      phone,
      `+91${phone}`,
      `0${phone}`,
      `+91 ${phone.slice(0, 5)} ${phone.slice(5)}`,
    ]) {
      expect((await api().logIn(username, password)).status).toBe(200);
    }
  });

  test('[S14] returns the same response for an unknown user, a wrong password and an invalid name', async () => {
    const { email } = await api().newAccount();
    const answers = await Promise.all([
      api().logIn(email, 'wrong password'),
      api().logIn(uniqueEmail(), password),
      api().logIn(uniquePhone(), password),
      api().logIn('neither a phone nor an address', password),
      api().logIn('\u0000@example.com', password),
    ]);
    for (const answer of answers) {
      expect(answer.status).toBe(400);
      expect(answer.at('detail')).toBe('Incorrect email or password');
      expect({ ...Object(answer.body), instance: '', request_id: '' }).toEqual({
        ...Object(answers[0].body),
        instance: '',
        request_id: '',
      });
      expect([...answer.headers.keys()].sort()).toEqual([...answers[0].headers.keys()].sort());
    }
  });

  test.each([
    ['username', {}, 'required'],
    ['username', { username: '' }, 'too_short'],
    ['username', { username: 'x'.repeat(1025) }, 'too_long'],
    ['password', { password: '' }, 'too_short'],
    ['password', { password: 'x'.repeat(1025) }, 'too_long'],
  ])('rejects a form whose %s is %j', async (field, fields, code) => {
    const rest = field === 'username' ? { password } : { username: 'ada@example.com' };
    const answer = await api().form('/auth/login', { ...rest, ...fields });
    expect(answer.status).toBe(422);
    expect(answer.at('errors')).toMatchObject([{ pointer: `#/${field}`, code }]);
  });

  test('rejects a repeated field', async () => {
    const body = new URLSearchParams([
      ['username', 'a@example.com'],
      ['username', 'b@example.com'],
      ['password', password],
    ]);
    const answer = await api().request('POST', '/auth/login', { body });
    expect(answer.at('errors')).toMatchObject([{ pointer: '#/username', code: 'wrong_type' }]);
  });
};
