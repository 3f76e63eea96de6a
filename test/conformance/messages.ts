import { expect, test } from 'vitest';
import { type Answer, type Api, uniqueEmail, uniquePhone } from '../support/api.ts';
import { VERIFIED_USER } from '../support/legacy-users.ts';
import { otherCode } from '../support/mail-room.ts';
import type { PostOffice } from '../support/post-office.ts';
import { expectProblem } from './errors.ts';

const NEW_PASSWORD = 'go to the moon 1969';
const AT_ONCE = 20;
const FORGOT = '/auth/password/forgot';
const RESET = '/auth/password/reset';

/** What an answer tells: all but the values of the header fields that differ between any two. */
const shapeOf = ({ status, headers, text }: Answer) => [status, [...headers.keys()].sort(), text];

/** The same for a problem, which contains the id of its request. */
function problemShapeOf(answer: Answer) {
  const { request_id, instance, ...problem } = answer.body as Record<string, unknown>;
  return [answer.status, [...answer.headers.keys()].sort(), problem];
}

function expectInvalid(answer: Answer): void {
  expectProblem(answer, 400);
  expect(answer.at('code')).toBe('invalid_code');
}

/** The flows of links and codes. Each account gets at most one message a minute, so each test has its own. */
export const messages = (api: () => Api, post: () => PostOffice): void => {
  const send = (path: string, body: unknown, headers = {}) =>
    api().json('POST', path, body, headers);

  /** Expects that of many uses at once, one succeeds. */
  async function expectOneOf(status: number, ask: (i: number) => Promise<Answer>): Promise<void> {
    const answers = await Promise.all(Array.from({ length: AT_ONCE }, (_, i) => ask(i)));
    expect(answers.filter((answer) => answer.status === status)).toHaveLength(1);
    for (const answer of answers) if (answer.status !== status) expectInvalid(answer);
  }

  async function newPhoneAccount() {
    const phone = uniquePhone();
    const answer = await send('/api/v1/auth/signup', { phone, password: 'analytical engine' });
    return { phone, bearer: { Authorization: `Bearer ${answer.at('data.token')}` } };
  }

  test(`[S16] a password is reset by a link; of ${AT_ONCE} uses at once, one succeeds`, async () => {
    const { email, password, bearer } = await api().newAccount();
    const answer = await send(FORGOT, { username: email.toUpperCase() });
    expect([answer.status, answer.body]).toEqual([202, {}]);
    const { tokens } = await post().receive(email);
    const body = { token: tokens.reset, new_password: NEW_PASSWORD };
    const weak = await send(RESET, { ...body, new_password: 'password' });
    expect([weak.status, weak.at('code')]).toEqual([400, 'weak_password']);
    await expectOneOf(204, () => send(RESET, body));
    expect((await api().get('/profile/me', bearer)).status).toBe(401);
    expect((await api().logIn(email, password)).status).toBe(400);
    const login = await api().logIn(email, NEW_PASSWORD);
    const again = { Authorization: `Bearer ${login.at('access_token')}` };
    expect((await api().get('/profile/me', again)).at('email_verified')).toBe(true);
    expect((await post().receive(email)).tokens).toEqual({});
  });

  test(`[S16] a password is reset by a code; of ${AT_ONCE} uses at once, one succeeds`, async () => {
    const { phone } = await newPhoneAccount();
    await send(FORGOT, { username: phone });
    const { code } = await post().receive(`+91${phone}`);
    const body = { username: `+91 ${phone}`, code, new_password: NEW_PASSWORD };
    expectInvalid(await send(RESET, { ...body, code: otherCode(code) }));
    await expectOneOf(204, () => send(RESET, body));
    expect((await api().logIn(phone, NEW_PASSWORD)).status).toBe(200);
    await post().receive(`+91${phone}`);
  });

  test(`[S63] of ${AT_ONCE} wrong codes at once, five count, and the code is void`, async () => {
    const { email } = await api().newAccount();
    await send(FORGOT, { username: email });
    const { code, tokens } = await post().receive(email);
    const body = { username: email, new_password: NEW_PASSWORD };
    const answers = await Promise.all(
      Array.from({ length: AT_ONCE }, (_, i) =>
        send(RESET, { ...body, code: otherCode(code, i + 1) }),
      ),
    );
    for (const answer of answers) expectInvalid(answer);
    expectInvalid(await send(RESET, { ...body, code }));
    expect((await send(RESET, { token: tokens.reset, new_password: NEW_PASSWORD })).status).toBe(
      204,
    );
    await post().receive(email);
  });

  test(`[S16] a login by a code or a link: of ${AT_ONCE} at once, one succeeds`, async () => {
    const { email: username, id } = VERIFIED_USER;
    expect((await send('/auth/code', { username })).status).toBe(202);
    const { tokens, code } = await post().receive(username);
    const foreign = { Origin: 'https://evil.example' };
    expect((await send('/auth/code/login', { token: tokens.login }, foreign)).status).toBe(403);
    let token: unknown;
    await expectOneOf(200, async (i) => {
      const proof = i % 2 === 0 ? { token: tokens.login } : { username, code };
      const answer = await send('/auth/code/login', proof);
      token ??= answer.at('access_token');
      return answer;
    });
    const bearer = { Authorization: `Bearer ${token}` };
    expect((await api().get('/profile/me', bearer)).at('id')).toBe(id);
    expect((await send('/auth/reauthenticate/code', undefined, bearer)).status).toBe(202);
    const again = await post().receive(username);
    const proof = { code: again.code };
    await expectOneOf(200, () => send('/auth/reauthenticate', proof, bearer));
    const verified = await send('/auth/verification', { channel: 'email' }, bearer);
    expect([verified.status, verified.at('code')]).toEqual([409, 'already_verified']);
  });

  test(`[S16] an address is verified by a link or a code; of ${AT_ONCE} at once, one succeeds`, async () => {
    const { email, bearer } = await api().newAccount();
    expect((await send('/auth/verification', { channel: 'email' }, bearer)).status).toBe(202);
    const { tokens, code } = await post().receive(email);
    await expectOneOf(204, (i) =>
      i % 2 === 0
        ? send('/auth/verification/confirm', { token: tokens.verify })
        : send('/auth/verification/confirm', { channel: 'email', code }, bearer),
    );
    expect((await api().get('/profile/me', bearer)).at('email_verified')).toBe(true);
    expectInvalid(await send('/auth/email/undo', { token: tokens.undo }));
  });

  test('operations for users who are logged in answer 401 without a login', async () => {
    const code = '000000';
    for (const [path, body] of [
      ['/auth/verification', { channel: 'email' }],
      ['/auth/verification/confirm', { channel: 'email', code }],
      ['/auth/reauthenticate/code', undefined],
      ['/auth/email/change', { email: uniqueEmail() }],
      ['/auth/phone/change', { phone: uniquePhone() }],
      ['/auth/phone/confirm', { code }],
    ] as const) {
      const answer = await send(path, body);
      expectProblem(answer, 401);
      expect([path, answer.at('code')]).toEqual([path, 'not_authenticated']);
    }
  });

  test('a GET of a link uses nothing up', async () => {
    const { email, bearer } = await api().newAccount();
    await send('/auth/verification', { channel: 'email' }, bearer);
    const { tokens } = await post().receive(email);
    const path = `/auth/verification/confirm?token=${tokens.verify}`;
    for (const method of ['GET', 'HEAD']) {
      expect((await api().request(method, path)).status).toBe(405);
    }
    const confirmed = await send('/auth/verification/confirm', { token: tokens.verify });
    expect(confirmed.status).toBe(204);
  });

  test('an email address is changed by the link in a message to the new one', async () => {
    const { email, bearer } = await api().newAccount();
    const next = uniqueEmail();
    expect((await send('/auth/email/change', { email: next }, bearer)).status).toBe(202);
    const { tokens } = await post().receive(next);
    expect((await api().get('/profile/me', bearer)).at('email')).toBe(email);
    await expectOneOf(204, () => send('/auth/email/confirm', { token: tokens.change }));
    const profile = await api().get('/profile/me', bearer);
    expect(profile.body).toMatchObject({ email: next, email_verified: true });
    expect((await post().receive(email)).tokens).toEqual({});
  });

  test('a phone number is changed by the code in a message to the new one', async () => {
    const { email, bearer } = await api().newAccount();
    const phone = uniquePhone();
    expect((await send('/auth/phone/change', { phone }, bearer)).status).toBe(202);
    const { code } = await post().receive(`+91${phone}`);
    expectInvalid(await send('/auth/phone/confirm', { code: otherCode(code) }, bearer));
    await expectOneOf(204, () => send('/auth/phone/confirm', { code }, bearer));
    const profile = await api().get('/profile/me', bearer);
    expect(profile.body).toMatchObject({ phone, phone_verified: true });
    // The other address of the account is told. It is not verified, so it gets no link.
    expect((await post().receive(email)).tokens).toEqual({});
  });

  test('the owner of an address that another account merely entered releases it', async () => {
    const byMail = await api().newAccount();
    await send('/auth/verification', { channel: 'email' }, byMail.bearer);
    const mail = await post().receive(byMail.email);
    const byPhone = await newPhoneAccount();
    await send('/auth/verification', { channel: 'phone' }, byPhone.bearer);
    const sms = await post().receive(`+91${byPhone.phone}`);
    for (const [path, token, { bearer }] of [
      ['/auth/email/undo', mail.tokens.undo, byMail],
      ['/auth/phone/undo', sms.tokens.undo, byPhone],
    ] as const) {
      await expectOneOf(204, () => send(path, { token }));
      expect((await api().get('/profile/me', bearer)).status).toBe(401);
    }
    const again = { email: byMail.email, password: 'analytical engine' };
    expect((await send('/auth/signup', again)).status).toBe(201);
  });

  test('[S15] requests and wrong codes for known and unknown names are answered alike', async () => {
    const { email } = await api().newAccount();
    const { phone } = await newPhoneAccount();
    const names = [email, phone, uniqueEmail(), uniquePhone(), 'no name', 'a@b.example\r\nBcc: c'];
    const asked: unknown[] = [];
    const tried: unknown[] = [];
    for (const username of names) {
      for (const path of [FORGOT, FORGOT, '/auth/code']) {
        asked.push(shapeOf(await send(path, { username })));
      }
      const code = '000000';
      const reset = await send(RESET, { username, code, new_password: NEW_PASSWORD });
      tried.push(problemShapeOf(reset));
      tried.push(problemShapeOf(await send('/auth/code/login', { username, code })));
    }
    expect(new Set(asked.map((shape) => JSON.stringify(shape))).size).toBe(1);
    expect(new Set(tried.map((shape) => JSON.stringify(shape))).size).toBe(1);
    expect(asked[0]).toMatchObject([202, expect.any(Array), '{}']);
    await post().receive(email);
    await post().receive(`+91${phone}`);
  });

  test('no message came that no test expects', () => {
    expect(post().left()).toEqual([]);
  });
};
