import { expect, test } from 'vitest';
import { type Answer, uniqueEmail, uniquePhone } from '../support/api.ts';
import { expectProblem } from './errors.ts';
import type { Part } from './suite.ts';

/** The wording is fixed, because the old clients show the `detail` of a 400 unchanged. */
const DETAILS: Readonly<Record<string, RegExp>> = {
  too_short: /^The password must have at least 8 characters\.$/,
  common_password: /^This password is too common\. /,
  similar_to_identifier: /^This password is too similar to your email address or phone number\.$/,
};

function expectRefusal(answer: Answer, pointer: string, code: string): void {
  expectProblem(answer, 400);
  expect(answer.at('code')).toBe('weak_password');
  expect(answer.at('detail')).toMatch(DETAILS[code] ?? /^$/);
  expect(answer.at('errors')).toEqual([{ pointer, code, message: expect.any(String) }]);
}

const COMMON = ['password', 'Password1', '12345678', 'qwertyuiop', 'aaaaaaaa', 'to_share@123'];

export const newPasswords: Part = (api) => {
  test('[S1] a short password is rejected with the reason, at sign-up and at a password change', async () => {
    for (const password of ['', 'short', 'seven77', 'e\u0301'.repeat(7)]) {
      const byEmail = { email: uniqueEmail(), password };
      const byPhone = { phone: uniquePhone(), password };
      const answers = [
        await api().json('POST', '/auth/signup', byEmail),
        await api().json('POST', '/api/v1/auth/signup', byPhone),
      ];
      for (const answer of answers) expectRefusal(answer, '#/password', 'too_short');
      const account = await api().newAccount();
      const body = { current_password: account.password, new_password: password };
      const answer = await api().json('POST', '/auth/password/change', body, account.bearer);
      expectRefusal(answer, '#/new_password', 'too_short');
    }
  });

  test('[S4] POST /auth/signup rejects common passwords, also in capitals', async () => {
    for (const common of COMMON) {
      for (const password of [common, common.toUpperCase()]) {
        const body = { email: uniqueEmail(), password };
        const answer = await api().json('POST', '/auth/signup', body);
        expectRefusal(answer, '#/password', 'common_password');
      }
    }
  });

  test('[S4] POST /api/v1/auth/signup rejects common passwords', async () => {
    for (const password of COMMON) {
      const body = { phone: uniquePhone(), password };
      const answer = await api().json('POST', '/api/v1/auth/signup', body);
      expectRefusal(answer, '#/password', 'common_password');
    }
  });

  test('[S5] POST /auth/signup rejects a password that contains the local part of the email address', async () => {
    const email = uniqueEmail();
    const local = email.slice(0, email.indexOf('@'));
    for (const password of [local, `my ${local.toUpperCase()}!`, email]) {
      const answer = await api().json('POST', '/auth/signup', { email, password });
      expectRefusal(answer, '#/password', 'similar_to_identifier');
      expect(answer.text).not.toContain(local);
    }
    const short = { email: 'a.b@example.com', password: 'a.b and c.d' };
    expect((await api().json('POST', '/auth/signup', short)).status).toBe(201);
  });

  test('[S5] POST /api/v1/auth/signup rejects a password that contains the phone number or the email address', async () => {
    const [phone, email] = [uniquePhone(), uniqueEmail()];
    const spaced = `${phone.slice(0, 5)} ${phone.slice(5)}`;
    for (const password of [phone, `+91${phone}`, `call ${spaced}`, email.toUpperCase()]) {
      const answer = await api().json('POST', '/api/v1/auth/signup', { phone, email, password });
      expectRefusal(answer, '#/password', 'similar_to_identifier');
      expect(answer.text).not.toContain(phone);
    }
  });

  test('the list of common passwords is not served', async () => {
    for (const path of ['/passwords/common.txt', '/public/passwords/common.txt', '/passwords/']) {
      expectProblem(await api().get(path), 404);
    }
  });

  test('[S4] [S5] POST /auth/password/change rejects both kinds, and the old password remains', async () => {
    const [phone, email] = [uniquePhone(), uniqueEmail()];
    const password = 'go to the moon 1969';
    const signUp = await api().json('POST', '/api/v1/auth/signup', { phone, email, password });
    const bearer = { Authorization: `Bearer ${signUp.at('data.token')}` };
    for (const [fresh, code] of [
      ['sunshine', 'common_password'],
      [`0${phone}`, 'similar_to_identifier'],
      [email.split('@', 1).join(), 'similar_to_identifier'],
    ] as const) {
      const body = { current_password: password, new_password: fresh };
      const answer = await api().json('POST', '/auth/password/change', body, bearer);
      expectRefusal(answer, '#/new_password', code);
    }
    expect((await api().logIn(email, password)).status).toBe(200);
  });
};
