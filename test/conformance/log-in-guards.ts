import { expect, test } from 'vitest';
import { type Api, uniqueEmail, uniquePhone } from '../support/api.ts';
import { expectProblem } from './errors.ts';
import type { Part } from './suite.ts';

const password = 'analytical engine';
const FORM = { 'Content-Type': 'application/x-www-form-urlencoded' };

/** Sends a valid request, with extra headers, to each operation that starts a session. */
async function openSessions(api: Api, headers: Record<string, string>) {
  const { email } = await api.newAccount();
  const form = new URLSearchParams({ username: email, password });
  const signUp = { phone: uniquePhone(), password };
  return [
    await api.request('POST', '/auth/login', { headers, body: form }),
    await api.json('POST', '/api/v1/auth/login', { email, password }, headers),
    await api.json('POST', '/api/v1/auth/signup', signUp, headers),
  ];
}

/** Expects each operation that starts a session to reject requests from this origin. */
async function expectRefused(api: Api, origin: string): Promise<void> {
  for (const answer of await openSessions(api, { Origin: origin })) {
    expect([origin, answer.status, answer.at('code')]).toEqual([origin, 403, 'origin_refused']);
    expectProblem(answer, 403);
    expect(answer.headers.get('Access-Control-Allow-Origin')).toBeNull();
  }
}

/**
 * True if a URL of this host arrives at the server without its user information. The proxy of `wrangler dev` rewrites
 * such URLs in every header field; its versions after 4.86 remove the user information. Browsers never send any.
 */
async function isRewritten(api: Api, url: string): Promise<boolean> {
  const { email, bearer } = await api.newAccount();
  const body = new URLSearchParams({ username: email, password });
  await api.request('POST', '/auth/login', { headers: { 'User-Agent': url }, body });
  return !(await api.get('/auth/sessions', bearer)).text.includes('evil.example@');
}

export const logInGuards: Part = (api) => {
  test('[S52] a login form of 16 fields and 16 KB is accepted', async () => {
    const { email } = await api().newAccount();
    const fields = new URLSearchParams({ username: email, password });
    for (let i = 0; i < 13; i++) fields.append(`field-${i}`, 'x');
    const start = `${fields}&last=`;
    const body = start.padEnd(16 * 1024, 'x');
    const answer = await api().request('POST', '/auth/login', { headers: FORM, body });
    expect(answer.status).toBe(200);
    const larger = { headers: FORM, body: `${body}x` };
    expectProblem(await api().request('POST', '/auth/login', larger), 413);
  });

  test('[S52] a login form of more than 16 fields is rejected, regardless of the fields', async () => {
    const { email } = await api().newAccount();
    const good = `${new URLSearchParams({ username: email, password })}`;
    for (const more of [
      '&x=1'.repeat(15),
      '&'.repeat(15),
      '&username=x'.repeat(15),
      '&=&%ff'.repeat(8),
    ]) {
      const answer = await api().request('POST', '/auth/login', {
        headers: FORM,
        body: good + more,
      });
      expectProblem(answer, 422);
      expect(answer.at('detail')).toBe('body: must have at most 16 fields');
      expect(answer.at('errors')).toEqual([
        { pointer: '#', code: 'too_many_fields', message: 'must have at most 16 fields' },
      ]);
    }
  });

  test('[S53] a page of another origin cannot start a session in the user’s browser', async () => {
    const { host, port } = new URL(api().baseUrl);
    for (const origin of [
      'null',
      'https://evil.example',
      `https://evil.example:${port}`,
      `http://${host}.evil.example`,
      'http://127.0.0.2',
      'http://localhost:',
      'http://localhost.evil.example:8082',
      `http://${host}, http://evil.example`,
      `http://${host}/`,
      `ftp://${host}`,
      host,
    ]) {
      await expectRefused(api(), origin);
    }
  });

  test('[S53] user information in front of this host does not count as an own origin', async (context) => {
    const origin = `http://evil.example@${new URL(api().baseUrl).host}`;
    if (await isRewritten(api(), origin)) {
      context.skip('the proxy of wrangler dev sends its own origin to the Worker');
    }
    await expectRefused(api(), origin);
  });

  test('[S53] pages of CORS_ORIGINS and of this host can log in, even if a proxy terminates TLS', async () => {
    const { host } = new URL(api().baseUrl);
    for (const origin of ['http://localhost:5173', `http://${host}`, `https://${host}`]) {
      const statuses = (await openSessions(api(), { Origin: origin })).map(({ status }) => status);
      expect([origin, statuses]).toEqual([origin, [200, 200, 201]]);
    }
  });

  test('[S53] operations that start no session respond to any page, which cannot read the response', async () => {
    const { bearer, email } = await api().newAccount();
    const headers = { ...bearer, Origin: 'https://evil.example' };
    expect((await api().get('/profile/me', headers)).status).toBe(200);
    const account = { email: uniqueEmail(), password };
    expect((await api().json('POST', '/auth/signup', account, headers)).status).toBe(201);
    expect((await api().logIn(email, password)).status).toBe(200);
  });

  test('white space around an email address or phone number is removed, at sign-up and at login', async () => {
    const [email, phone] = [uniqueEmail(), uniquePhone()];
    const spaced = (text: string) => ` \t${text}\u00a0\n`;
    const signUp = await api().json('POST', '/auth/signup', { email: spaced(email), password });
    expect([signUp.status, signUp.at('email')]).toEqual([201, email]);
    const again = await api().json('POST', '/auth/signup', { email, password });
    expect([again.status, again.at('code')]).toEqual([400, 'email_taken']);
    const body = { phone: spaced(phone), email: spaced(uniqueEmail()), password };
    const byPhone = await api().json('POST', '/api/v1/auth/signup', body);
    expect([byPhone.status, byPhone.at('data.user.phone')]).toEqual([201, phone]);
    for (const name of [email, phone]) {
      expect((await api().logIn(spaced(name), password)).status).toBe(200);
      expect((await api().logIn(name, ` ${password}`)).status).toBe(400);
    }
    for (const name of [{ phone: spaced(phone) }, { email: spaced(email) }]) {
      const answer = await api().json('POST', '/api/v1/auth/login', { ...name, password });
      expect(answer.status).toBe(200);
    }
  });

  test('[S54] an invisible character in an email address does not allow a second account', async () => {
    const email = uniqueEmail();
    const [local = ''] = email.split('@');
    for (const char of ['\u200b', '\u034f', '\u3164', '\ufe0f', '\u{e0100}', '\ufeff']) {
      for (const lookalike of [`${local}${char}@example.com`, `${local}@exam${char}ple.com`]) {
        const byEmail = { email: lookalike, password };
        const byPhone = { ...byEmail, phone: uniquePhone() };
        for (const answer of [
          await api().json('POST', '/auth/signup', byEmail),
          await api().json('POST', '/api/v1/auth/signup', byPhone),
        ]) {
          expectProblem(answer, 422);
          expect(answer.at('errors')).toMatchObject([
            { pointer: '#/email', code: 'invalid_email' },
          ]);
        }
      }
    }
  });

  test('[S54] a name must close its bidirectional controls, and may contain joiners and emoji', async () => {
    const { bearer } = await api().newAccount();
    const open = { name: 'Ada \u202eecalevoL' };
    const account = { email: uniqueEmail(), password, ...open };
    for (const answer of [
      await api().json('POST', '/auth/signup', account),
      await api().json('PUT', '/profile/me', open, bearer),
    ]) {
      expectProblem(answer, 422);
      expect(answer.at('errors')).toMatchObject([{ pointer: '#/name', code: 'unbalanced_bidi' }]);
    }
    for (const name of ['👩‍💻 ❤️', 'ശ്രീ‍ലത', 'علی‌رضا', '\u2067עדה\u2069 (Ada)\u200e']) {
      const answer = await api().json('PUT', '/profile/me', { name }, bearer);
      expect([answer.status, answer.at('name')]).toEqual([200, name]);
    }
  });
};
