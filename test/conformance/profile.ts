import { setTimeout as delay } from 'node:timers/promises';
import { expect, test } from 'vitest';
import type { Account, Api } from '../support/api.ts';
import { openWith, rawText, until } from '../support/raw-connection.ts';
import { logIn, logOut } from './session-client.ts';
import type { Part } from './suite.ts';

const put = (api: Api, { bearer }: Account, body: unknown, headers: Record<string, string> = {}) =>
  api.json('PUT', '/profile/me', body, { ...bearer, ...headers });

const patch = (
  api: Api,
  { bearer }: Account,
  body: unknown,
  headers: Record<string, string> = {},
) =>
  api.json('PATCH', '/profile/me', body, {
    ...bearer,
    'Content-Type': 'application/merge-patch+json',
    ...headers,
  });

export const profile: Part = (api) => {
  test('GET returns 200 with exactly the members of a profile, and forbids caching', async () => {
    const { id, email, bearer } = await api().newAccount();
    const answer = await api().get('/profile/me', bearer);
    expect(answer.status).toBe(200);
    expect(answer.body).toEqual({
      id,
      email,
      name: null,
      bio: '',
      phone: null,
      email_verified: false,
      phone_verified: false,
      avatar_url: null,
      locale: 'en',
      time_zone: null,
      fields: {},
      created_at: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/),
      updated_at: expect.any(String),
    });
    expect(answer.headers.get('ETag')).toBe(`"${id}-1"`);
    expect(answer.headers.get('Cache-Control')).toBe('no-store');
  });

  test('HEAD returns the same as GET, without the body', async () => {
    const { bearer } = await api().newAccount();
    const answer = await api().request('HEAD', '/profile/me', { headers: bearer });
    expect([answer.status, answer.text]).toEqual([200, '']);
    expect(answer.headers.get('ETag')).not.toBeNull();
  });

  test('HEAD returns the Content-Length of GET, or none', async () => {
    const { bearer } = await api().newAccount();
    for (const path of ['/profile/me', '/healthz', '/openapi.json', '/nowhere']) {
      const { headers } = await api().request('HEAD', path, { headers: bearer });
      const { text } = await api().get(path, bearer);
      const length = String(Buffer.byteLength(text));
      expect([null, length], path).toContain(headers.get('Content-Length'));
    }
  });

  test('GET returns 304 if If-None-Match contains the current version, and 200 after a change', async () => {
    const account = await api().newAccount();
    const etag = `"${account.id}-1"`;
    for (const header of [etag, `W/${etag}`, `"other", ${etag}`, '*']) {
      const same = await api().get('/profile/me', { ...account.bearer, 'If-None-Match': header });
      expect([same.status, same.text, same.headers.get('ETag')]).toEqual([304, '', etag]);
    }
    await put(api(), account, { name: 'Ada' });
    const headers = { ...account.bearer, 'If-None-Match': etag };
    expect((await api().get('/profile/me', headers)).status).toBe(200);
  });

  test('PUT ignores missing and null members, and sets empty ones', async () => {
    const account = await api().newAccount();
    await put(api(), account, { name: 'Ada', bio: 'First\nprogrammer.' });
    const unchanged = await put(api(), account, { name: null });
    expect(unchanged.body).toMatchObject({ name: 'Ada', bio: 'First\nprogrammer.' });
    const emptied = await put(api(), account, { name: '', bio: '' });
    expect(emptied.body).toMatchObject({ name: '', bio: '' });
  });

  test('PATCH ignores missing members, and clears null ones (RFC 7396)', async () => {
    const account = await api().newAccount();
    await put(api(), account, { name: 'Ada', bio: 'First programmer.' });
    const named = await patch(api(), account, { name: 'Countess' });
    expect(named.body).toMatchObject({ name: 'Countess', bio: 'First programmer.' });
    const cleared = await patch(api(), account, { name: null, bio: null });
    expect(cleared.body).toMatchObject({ name: null, bio: '' });
  });

  test('PATCH also accepts plain application/json', async () => {
    const account = await api().newAccount();
    const headers = { 'Content-Type': 'application/json' };
    expect((await patch(api(), account, { name: 'Ada' }, headers)).at('name')).toBe('Ada');
  });

  test('a change without an effect keeps the version', async () => {
    const account = await api().newAccount();
    for (const change of [put, patch]) {
      const answer = await change(api(), account, { unknown: 'member' });
      expect([answer.status, answer.headers.get('ETag')]).toEqual([200, `"${account.id}-1"`]);
    }
  });

  test('a change returns a new ETag and a later updated_at', async () => {
    const account = await api().newAccount();
    const before = await api().get('/profile/me', account.bearer);
    const after = await put(api(), account, { name: 'Ada' });
    expect(after.headers.get('ETag')).toBe(`"${account.id}-2"`);
    expect(after.at('created_at')).toBe(before.at('created_at'));
    expect(Date.parse(String(after.at('updated_at')))).toBeGreaterThanOrEqual(
      Date.parse(String(before.at('updated_at'))),
    );
  });

  test.each([
    ['name', 5, 'wrong_type'],
    ['name', 'x'.repeat(256), 'too_long'],
    ['name', 'escape \u001b[31m', 'control_character'],
    ['bio', ['text'], 'wrong_type'],
    ['bio', '🔑'.repeat(10_001), 'too_long'],
    ['bio', 'bell \u0007', 'control_character'],
    ['bio', '\ud800', 'malformed_unicode'],
  ])('PUT and PATCH reject %s %j as %s', async (field, value, code) => {
    const account = await api().newAccount();
    for (const change of [put, patch]) {
      const answer = await change(api(), account, { [field]: value });
      expect(answer.status).toBe(422);
      expect(answer.at('errors')).toMatchObject([{ pointer: `#/${field}`, code }]);
    }
    expect((await api().get('/profile/me', account.bearer)).body).toMatchObject({
      name: null,
      bio: '',
    });
  });

  test('a name of 255 code points and a biography of 10,000 are stored unchanged', async () => {
    const account = await api().newAccount();
    const longest = { name: '🔑'.repeat(255), bio: 'é\t\r\n'.repeat(2500) };
    expect((await put(api(), account, longest)).body).toMatchObject(longest);
    expect((await api().get('/profile/me', account.bearer)).body).toMatchObject(longest);
  });

  test('[S28] members that do not belong to a profile change nothing', async () => {
    const account = await api().newAccount();
    const hostile = {
      id: 1,
      email: 'other@example.com',
      phone: '9876543210',
      role: 'admin',
      version: 99,
      password_hash: 'x',
      created_at: '1970-01-01T00:00:00.000Z',
      ['__proto__']: { name: 'from the prototype' },
    };
    const before = await api().get('/profile/me', account.bearer);
    for (const change of [put, patch]) {
      expect((await change(api(), account, hostile)).status).toBe(200);
    }
    expect((await api().get('/profile/me', account.bearer)).body).toEqual(before.body);
    expect((await api().logIn(account.email, account.password)).status).toBe(200);
  });

  test('[S29] a change by one user does not affect another user’s profile', async () => {
    const [ada, eve] = [await api().newAccount(), await api().newAccount()];
    await put(api(), eve, { id: ada.id, name: 'Eve' });
    expect((await api().get('/profile/me', ada.bearer)).at('name')).toBeNull();
  });

  test('a change whose body arrives after the logout of its session returns 401 and changes nothing', async () => {
    const account = await api().newAccount();
    const body = '{"name":"Eve"}';
    const authorization = `Authorization: ${account.bearer.Authorization}`;
    const headers = [authorization, 'Content-Type: application/json', 'Connection: close'];
    const request = rawText('PATCH /profile/me', headers, body);
    const sent = await openWith(api().baseUrl, request.slice(0, -body.length));
    // Long enough for the guard to check the session while it is still live.
    await delay(500);
    expect((await logOut(api(), account)).status).toBe(204);
    sent.socket.write(body);
    await until(() => sent.received().includes('\r\n\r\n'));
    expect(sent.received()).toMatch(/^HTTP\/1\.1 401 /);
    const { bearer } = await logIn(api(), account);
    expect((await api().get('/profile/me', bearer)).at('name')).toBeNull();
  });

  test('[S34] If-Match: accepts the current tag, * and a list that contains the current tag', async () => {
    const account = await api().newAccount();
    const tag = (version: number) => `"${account.id}-${version}"`;
    for (const header of [tag(1), '*', `"other", ${tag(3)}`]) {
      const answer = await put(api(), account, { name: header }, { 'If-Match': header });
      expect([header, answer.status]).toEqual([header, 200]);
    }
  });

  test('[S34] If-Match: a stale, weak, foreign or unknown tag returns 412 and changes nothing', async () => {
    const [account, other] = [await api().newAccount(), await api().newAccount()];
    await put(api(), account, { name: 'Ada' });
    const stale = `"${account.id}-1"`;
    const weak = `W/"${account.id}-2"`;
    for (const header of [stale, weak, `"${other.id}-2"`, '"a,b"', '""', `${stale}, ${weak}`]) {
      for (const [change, body] of [
        [put, { name: 'Eve' }],
        [patch, { name: null }],
        [patch, {}],
      ] as const) {
        const answer = await change(api(), account, body, { 'If-Match': header });
        expect([header, answer.status, answer.at('code')]).toEqual([
          header,
          412,
          'precondition_failed',
        ]);
      }
    }
    expect((await api().get('/profile/me', account.bearer)).at('name')).toBe('Ada');
  });

  test('[S34] If-Match: a value that is not a list of entity tags returns 400 and changes nothing', async () => {
    const account = await api().newAccount();
    for (const header of [
      '1',
      `${account.id}-1`,
      '"open',
      "'single'",
      ',',
      'W/',
      '"a" "b"',
      '*, "a"',
    ]) {
      const answer = await put(api(), account, { name: 'Eve' }, { 'If-Match': header });
      expect([header, answer.status, answer.at('code')]).toEqual([
        header,
        400,
        'malformed_precondition',
      ]);
    }
    expect((await api().get('/profile/me', account.bearer)).at('name')).toBeNull();
  });
};
