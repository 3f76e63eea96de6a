import { expect, test } from 'vitest';
import { DEMO_USER } from '../../src/features/sign-up/demo-user.ts';
import { uniqueEmail } from '../support/api.ts';
import type { Part } from './suite.ts';

const ORIGIN = { Origin: 'http://localhost:8081' };

export const stories: Part = (api) => {
  test('the web client signs up, shows the reason for an error, logs in, and reads and changes the profile', async () => {
    const email = uniqueEmail();
    const account = { email, password: 'correct horse', name: 'Ada' };

    const signUp = await api().json('POST', '/auth/signup', account, ORIGIN);
    expect(signUp.status).toBe(201);
    expect(signUp.body).toEqual({ id: expect.any(Number), email, name: 'Ada', bio: '' });
    expect(signUp.headers.get('Access-Control-Allow-Origin')).toBe(ORIGIN.Origin);
    expect(signUp.headers.get('Access-Control-Allow-Credentials')).toBe('true');

    // The client shows the `detail` of a 400. For a 422, it shows only "Please check the fields".
    const weak = await api().json('POST', '/auth/signup', { ...account, password: 'Password1' });
    expect([weak.status, weak.at('detail')]).toEqual([
      400,
      'This password is too common. Choose one that is harder to guess.',
    ]);

    const again = await api().json('POST', '/auth/signup', account, ORIGIN);
    expect([again.status, again.at('detail')]).toEqual([400, 'Email already registered']);

    const invalid = await api().json('POST', '/auth/signup', { ...account, email: 'nonsense' });
    expect([invalid.status, typeof invalid.at('detail')]).toEqual([422, 'string']);

    const wrong = await api().logIn(email, 'wrong horse');
    expect([wrong.status, wrong.at('detail')]).toEqual([400, 'Incorrect email or password']);

    const logIn = await api().logIn(email, account.password);
    expect(logIn.status).toBe(200);
    expect(logIn.body).toMatchObject({ token_type: 'bearer', access_token: expect.any(String) });
    const headers = { ...ORIGIN, Authorization: `Bearer ${logIn.at('access_token')}` };

    const profile = await api().get('/profile/me', headers);
    expect(profile.status).toBe(200);
    expect(profile.body).toMatchObject({ id: signUp.at('id'), email, name: 'Ada', bio: '' });

    const update = { name: 'Ada Lovelace', bio: 'First programmer.' };
    const changed = await api().json('PUT', '/profile/me', update, headers);
    expect(changed.status).toBe(200);
    expect(changed.body).toMatchObject({ id: signUp.at('id'), email, ...update });
    expect((await api().get('/profile/me', headers)).body).toEqual(changed.body);

    const out = await api().get('/profile/me', ORIGIN);
    expect([out.status, out.at('detail')]).toEqual([401, 'Not authenticated']);
  });

  test('the KPA client logs in as the demo user and reads the profile', async () => {
    const { phone, password, name, email } = DEMO_USER;
    const user = { id: expect.any(Number), name, email: email.entered, phone: phone.entered };

    const wrong = await api().json('POST', '/api/v1/auth/login', {
      phone: phone.entered,
      password: 'not it',
    });
    expect([wrong.status, wrong.at('detail')]).toEqual([401, 'Invalid phone number or password']);

    const logIn = await api().json('POST', '/api/v1/auth/login', {
      phone: phone.entered,
      password,
    });
    expect(logIn.status).toBe(200);
    expect(logIn.body).toEqual({
      status: 'success',
      message: 'Login successful',
      data: {
        token: expect.any(String),
        user,
        refresh_token: expect.any(String),
        expires_in: 3600,
        device_token: expect.any(String),
      },
    });

    const profile = await api().get('/api/v1/user/profile', {
      Authorization: `Bearer ${logIn.at('data.token')}`,
    });
    expect(profile.status).toBe(200);
    expect(profile.body).toEqual({
      status: 'success',
      message: 'User profile fetched successfully',
      data: user,
    });
  });
};
