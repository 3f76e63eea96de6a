import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import { type Client, createClient, type Fetch, type Schema } from '../../src/client/client.ts';
import { OPERATIONS } from '../../src/client/operation-table.ts';
import type { operations } from '../../src/client/schema.ts';
import { problemOf } from '../support/client-user.ts';
import { createTestApp } from '../support/test-app.ts';

const documentSchema = z.object({
  paths: z.record(z.string(), z.record(z.string(), z.object({ operationId: z.string() }))),
});

/** The operations that the app documents, as `METHOD path` by id. */
async function documented(): Promise<Record<string, string>> {
  const { app } = await createTestApp();
  const document = documentSchema.parse(await (await app.request('/openapi.json')).json());
  return Object.fromEntries(
    Object.entries(document.paths).flatMap(([path, methods]) =>
      Object.entries(methods).map(([method, { operationId }]) => [
        operationId,
        `${method.toUpperCase()} ${path}`,
      ]),
    ),
  );
}

const TOKENS = { access_token: 'a', refresh_token: 'r', expires_in: 60, token: 'a' };

/** A client whose requests are recorded and always answered with `status` and `body`, by default tokens. */
function recordingClient(status = 200, body: unknown = { ...TOKENS, data: TOKENS }) {
  const sent: string[] = [];
  const fetch: Fetch = async (url, init) => {
    sent.push(`${init.method} ${url}${init.body === undefined ? '' : ` ${init.body}`}`);
    return { status, headers: new Headers(), text: async () => JSON.stringify(body) };
  };
  return { client: createClient({ baseUrl: '', fetch }), sent };
}

const picture = new Blob(['x'], { type: 'image/png' });
const profile = { bio: 'x' };
const account = { email: 'ada@example.com', password: 'p' };
const phone = { phone: '1', password: 'p' };
const change: Schema<'PasswordChange'> = { current_password: 'p', new_password: 'n' };

const code = '493027';
const invitation = { email: 'ada@example.com', reason: 'r' };

/** A call of each operation's method, and the request that it sends. A missing operation does not compile. */
const CALLS: Record<
  Exclude<keyof operations, 'getAvatar'>,
  [call: (client: Client) => Promise<unknown>, sent: string]
> = {
  signUp: [(c) => c.signUp(account), `POST /auth/signup ${JSON.stringify(account)}`],
  logIn: [(c) => c.logIn('a b', 'p'), 'POST /auth/login username=a%20b&password=p'],
  refreshTokens: [(c) => c.refreshTokens(), 'POST /auth/refresh {"refresh_token":"r"}'],
  logOut: [(c) => c.logOut(), 'POST /auth/logout'],
  changePassword: [
    (c) => c.changePassword(change),
    `POST /auth/password/change ${JSON.stringify(change)}`,
  ],
  reauthenticate: [
    (c) => c.reauthenticate({ password: 'p' }),
    'POST /auth/reauthenticate {"password":"p"}',
  ],
  requestVerification: [
    (c) => c.requestVerification('phone'),
    'POST /auth/verification {"channel":"phone"}',
  ],
  confirmVerification: [
    (c) => c.confirmVerification({ channel: 'email', code }),
    'POST /auth/verification/confirm {"channel":"email","code":"493027"}',
  ],
  forgotPassword: [
    (c) => c.forgotPassword('ada@example.com'),
    'POST /auth/password/forgot {"username":"ada@example.com"}',
  ],
  resetPassword: [
    (c) => c.resetPassword({ token: 't', new_password: 'n' }),
    'POST /auth/password/reset {"token":"t","new_password":"n"}',
  ],
  requestLoginCode: [
    (c) => c.requestLoginCode('ada@example.com'),
    'POST /auth/code {"username":"ada@example.com"}',
  ],
  logInByCode: [
    (c) => c.logInByCode({ username: 'ada@example.com', code }),
    'POST /auth/code/login {"username":"ada@example.com","code":"493027"}',
  ],
  requestReauthenticationCode: [
    (c) => c.requestReauthenticationCode(),
    'POST /auth/reauthenticate/code',
  ],
  changeEmail: [
    (c) => c.changeEmail('eve@example.com'),
    'POST /auth/email/change {"email":"eve@example.com"}',
  ],
  confirmEmail: [(c) => c.confirmEmail('t'), 'POST /auth/email/confirm {"token":"t"}'],
  undoEmail: [(c) => c.undoEmail('t'), 'POST /auth/email/undo {"token":"t"}'],
  changePhone: [
    (c) => c.changePhone('+919876543210'),
    'POST /auth/phone/change {"phone":"+919876543210"}',
  ],
  confirmPhone: [(c) => c.confirmPhone(code), 'POST /auth/phone/confirm {"code":"493027"}'],
  undoPhone: [(c) => c.undoPhone('t'), 'POST /auth/phone/undo {"token":"t"}'],
  getOwnSession: [(c) => c.getOwnSession(), 'GET /auth/session'],
  listSessions: [(c) => c.listSessions(), 'GET /auth/sessions'],
  endSessions: [(c) => c.endSessions(), 'DELETE /auth/sessions?all=false'],
  endSession: [(c) => c.endSession('a/b'), 'DELETE /auth/sessions/a%2Fb'],
  listDevices: [(c) => c.listDevices(), 'GET /auth/devices'],
  removeDevice: [(c) => c.removeDevice('a/b'), 'DELETE /auth/devices/a%2Fb'],
  listActivity: [(c) => c.listActivity({ cursor: '7' }), 'GET /auth/activity?cursor=7'],
  getProfile: [(c) => c.getProfile(), 'GET /profile/me'],
  updateProfile: [(c) => c.updateProfile(profile), 'PUT /profile/me {"bio":"x"}'],
  patchProfile: [(c) => c.patchProfile(profile), 'PATCH /profile/me {"bio":"x"}'],
  setAvatar: [(c) => c.setAvatar(picture), 'PUT /profile/me/avatar [object Blob]'],
  removeAvatar: [(c) => c.removeAvatar(), 'DELETE /profile/me/avatar'],
  deleteAccount: [(c) => c.deleteAccount(), 'DELETE /profile/me'],
  exportAccount: [(c) => c.exportAccount(), 'GET /profile/me/export'],
  signUpByPhone: [
    (c) => c.signUpByPhone(phone),
    `POST /api/v1/auth/signup ${JSON.stringify(phone)}`,
  ],
  logInByPhone: [(c) => c.logInByPhone(phone), `POST /api/v1/auth/login ${JSON.stringify(phone)}`],
  getProfileByPhone: [(c) => c.getProfileByPhone(), 'GET /api/v1/user/profile'],
  listUsers: [(c) => c.listUsers({ q: 'a b' }), 'GET /admin/users?q=a%20b'],
  getUser: [(c) => c.getUser(7), 'GET /admin/users/7'],
  listUserSessions: [
    (c) => c.listUserSessions(7, { limit: 2 }),
    'GET /admin/users/7/sessions?limit=2',
  ],
  listUserActivity: [
    (c) => c.listUserActivity(7, { cursor: 'x' }),
    'GET /admin/users/7/activity?cursor=x',
  ],
  listAudit: [(c) => c.listAudit({ action: 'login' }), 'GET /admin/audit?action=login'],
  getStats: [(c) => c.getStats({ days: 3 }), 'GET /admin/stats?days=3'],
  inviteUser: [(c) => c.inviteUser(invitation), `POST /admin/users ${JSON.stringify(invitation)}`],
  updateUser: [
    (c) => c.updateUser(7, { bio: 'x', reason: 'r' }),
    'PATCH /admin/users/7 {"bio":"x","reason":"r"}',
  ],
  removeUser: [(c) => c.removeUser(7, 'a b'), 'DELETE /admin/users/7?reason=a%20b'],
  disableUser: [(c) => c.disableUser(7, 'r'), 'POST /admin/users/7/disable {"reason":"r"}'],
  enableUser: [(c) => c.enableUser(7, 'r'), 'POST /admin/users/7/enable {"reason":"r"}'],
  unlockUser: [(c) => c.unlockUser(7, 'r'), 'POST /admin/users/7/unlock {"reason":"r"}'],
  requireUserReset: [
    (c) => c.requireUserReset(7, 'r'),
    'POST /admin/users/7/require-reset {"reason":"r"}',
  ],
  signOutUser: [(c) => c.signOutUser(7, 'r'), 'POST /admin/users/7/sign-out {"reason":"r"}'],
  setUserRoles: [
    (c) => c.setUserRoles(7, { roles: ['editor'], reason: 'r' }),
    'PUT /admin/users/7/roles {"roles":["editor"],"reason":"r"}',
  ],
  getPublicKeys: [(c) => c.getPublicKeys(), 'GET /.well-known/jwks.json'],
  getHealth: [(c) => c.getHealth(), 'GET /healthz'],
  getReadiness: [(c) => c.getReadiness(), 'GET /readyz'],
};

describe('operations of the client', () => {
  test('are those of the document; if not: add a method to `Client` and a line to the table', async () => {
    expect(OPERATIONS).toEqual(await documented());
    const { client } = recordingClient();
    // An image that a browser loads by its URL.
    const { getAvatar, ...called } = OPERATIONS;
    expect(Object.keys(client)).toEqual(expect.arrayContaining(Object.keys(called)));
    expect(Object.keys(client)).not.toContain('getAvatar');
    expect(Object.keys(CALLS).sort()).toEqual(Object.keys(called).sort());
    expect(getAvatar).toBe('GET /avatars/{key}');
  });

  test.each(Object.entries(CALLS))('%s sends its request', async (name, [call, expected]) => {
    const { client, sent } = recordingClient();
    await client.adoptTokens(TOKENS);
    await call(client);
    expect(sent).toEqual([expected]);
    const operation = Object.entries(OPERATIONS).find(([id]) => id === name)?.[1] ?? '';
    expect(new RegExp(`^${operation.replace('{id}', '[^/]+')}(?![/\\w])`).test(expected)).toBe(
      true,
    );
  });

  test('endSessions can include this session; changes send their `ifMatch`', async () => {
    const headers: (string | undefined)[] = [];
    const urls: string[] = [];
    const fetch: Fetch = async (url, init) => {
      urls.push(url);
      headers.push(init.headers['if-match']);
      return { status: 200, headers: new Headers(), text: async () => '{}' };
    };
    const client = createClient({ baseUrl: '', fetch });
    await client.endSessions({ all: true });
    await client.patchProfile(profile, { ifMatch: '"1"' });
    await client.updateProfile(profile, { ifMatch: '"2"' });
    expect(urls[0]).toBe('/auth/sessions?all=true');
    expect(headers).toEqual([undefined, '"1"', '"2"']);
  });

  test('methods with names of their own, and the other ways of a recovery', async () => {
    const { client, sent } = recordingClient();
    await client.verify({ token: 't' });
    await client.verify({ channel: 'phone', code });
    await client.undo('email', 't');
    await client.undo('phone', 't');
    await client.resetPassword({ username: 'a b', code, new_password: 'n' });
    await client.logInByCode({ token: 't' });
    expect(sent).toEqual([
      'POST /auth/verification/confirm {"token":"t"}',
      'POST /auth/verification/confirm {"channel":"phone","code":"493027"}',
      'POST /auth/email/undo {"token":"t"}',
      'POST /auth/phone/undo {"token":"t"}',
      'POST /auth/password/reset {"username":"a b","code":"493027","new_password":"n"}',
      'POST /auth/code/login {"token":"t"}',
    ]);
  });

  test.each([
    ['GET', '/auth/sesions', 'GET /auth/sessions'],
    ['GET', '/profiles/me', 'GET /profile/me'],
    ['GET', '/me', 'GET /profile/me'],
    ['POST', '/login', 'POST /auth/login'],
    ['POST', '/auth/log-in', 'POST /auth/login'],
    ['PATCH', '/profile', 'PATCH /profile/me'],
    ['DELETE', '/auth/sessions/7', 'DELETE /auth/sessions/{id}'],
  ] as const)('%s %s: the message names %s', async (method, path, closest) => {
    const { client } = recordingClient(404, { code: 'not_found', detail: 'Not found' });
    // The cast stands for an untyped program.
    const call = client.request(method as 'GET', path as '/profile/me');
    const { message, detail } = await problemOf(call);
    expect(message).toContain(`no known operation: ${method} ${path}; the closest are `);
    expect(message).toContain(closest);
    expect(message.split(',')).toHaveLength(3);
    expect(detail).toBe('Not found');
  });

  test('a documented operation gets no hint, and unknown operations can be called', async () => {
    const { client: refused } = recordingClient(404, { code: 'not_found', detail: 'Not found' });
    expect((await problemOf(refused.endSession('7'))).message).toBe('404 not_found: Not found');
    const { client, sent } = recordingClient();
    // The cast stands for an untyped program.
    await client.request('GET', '/newer' as '/profile/me');
    expect(sent).toEqual(['GET /newer']);
  });
});
