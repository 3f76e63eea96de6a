import { beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { ORIGIN, type Visitor } from '../support/page-visitor.ts';
import { bearer } from '../support/test-app.ts';
import { createUserRoom, PASSWORD, sessionOf, type UserRoom } from '../support/user-room.ts';

const PAGES = [
  '/account',
  '/account/profile',
  '/account/security',
  '/account/password',
  '/account/addresses',
  '/account/addresses/email',
  '/account/addresses/phone',
  '/account/sessions',
  '/account/devices',
  '/account/activity',
  '/account/confirm',
  '/account/data',
] as const;
/** The forms of users who are logged in, and what each would do. */
const FORMS: readonly (readonly [path: string, fields: Record<string, string>])[] = [
  ['/account/profile', { name: 'Mallory', bio: '', version: '1' }],
  ['/account/password', { current_password: PASSWORD, new_password: 'difference engine' }],
  ['/account/addresses', { code: '123456' }],
  ['/account/addresses/email', { email: 'mallory@example.com' }],
  ['/account/addresses/phone', { phone: '+919876543210' }],
  ['/account/sessions', { session: 'others' }],
  ['/account/sessions', { session: 'all' }],
  ['/account/devices', { device: 'x' }],
  ['/account/confirm', { way: 'password', password: PASSWORD }],
  ['/account/confirm', { way: 'message' }],
  ['/account/data', { way: 'export' }],
  ['/account/data', { way: 'delete', word: 'DELETE', password: PASSWORD }],
  ['/account/logout', {}],
];
const OLD_SECRET = 'another secret for tests, long enough to sign with';

let room: UserRoom;
let token: string;
let visitor: Visitor;

const tokenOf = async (who: Visitor): Promise<string> =>
  (await who.visit('/account')).forms[0]?.values.form ?? '';

const isUnchanged = async (): Promise<boolean> => {
  const { status, body } = await room.profile(token);
  const logIn = await room.logIn('ada@example.com', PASSWORD);
  return status === 200 && body.name === null && logIn === 200;
};

describe.each(PAGES)('GET %s', (path) => {
  beforeAll(async () => {
    room = await createUserRoom();
    ({ visitor } = await room.newUserVisitor());
  });

  test('[S74] is not stored, not framed, and loads nothing foreign', async () => {
    const { status, headers } = await visitor.visit(path);
    expect(status).toBe(200);
    expect(headers.get('Cache-Control')).toBe('no-store');
    expect(headers.get('Content-Security-Policy')).toMatch(
      /^default-src 'none'; script-src 'self'; style-src 'self'; .*frame-ancestors 'none'$/,
    );
    expect(headers.get('Cross-Origin-Opener-Policy')).toBe('same-origin');
    expect(headers.get('X-Content-Type-Options')).toBe('nosniff');
    expect(headers.get('Vary')).toContain('Cookie');
  });

  test('leads a stranger to the login', async () => {
    expect((await room.newVisitor().visit(path)).path).toMatch(/^\/account\/login/);
  });

  test.each(['http://localhost:8081', 'http://localhost', 'https://evil.example', 'null'])(
    'gives no CORS header to %s',
    async (origin) => {
      const answer = await visitor.send(path, { headers: { Origin: origin } });
      const preflight = await visitor.send(path, {
        method: 'OPTIONS',
        headers: { Origin: origin, 'Access-Control-Request-Method': 'POST' },
      });
      for (const { headers } of [answer, preflight]) {
        expect([...headers.keys()].filter((name) => name.startsWith('access-control'))).toEqual([]);
      }
    },
  );

  test('accepts no other method', async () => {
    for (const method of ['PUT', 'PATCH', 'DELETE']) {
      expect((await visitor.send(path, { method })).status).toBe(405);
    }
  });

  test('is in Hindi for who reads Hindi, with the same forms', async () => {
    const english = await visitor.visit(path);
    const hindi = await visitor.visit(path, { 'Accept-Language': 'hi' });
    expect(hindi.html).toContain('<html lang="hi">');
    expect(hindi.heading).not.toBe(english.heading);
    expect(Object.keys(hindi.inputs)).toEqual(Object.keys(english.inputs));
    expect(hindi.forms.map(({ values }) => Object.keys(values))).toEqual(
      english.forms.map(({ values }) => Object.keys(values)),
    );
  });
});

describe.each(FORMS)('POST %s %j', (path, fields) => {
  beforeEach(async () => {
    room = await createUserRoom();
    ({ token, visitor } = await room.newUserVisitor());
  });

  const bodyWith = (form: string) => new URLSearchParams({ ...fields, form });

  test('[S72] 403 to another origin, also of the same site, and to none', async () => {
    const form = await tokenOf(visitor);
    for (const headers of [
      { Origin: 'https://evil.example' },
      { Origin: 'http://localhost:8081' },
      { Origin: 'null' },
      { Origin: ORIGIN, 'Sec-Fetch-Site': 'same-site' },
      { Origin: ORIGIN, 'Sec-Fetch-Site': 'cross-site' },
      { Origin: ORIGIN, 'Sec-Fetch-Site': 'none' },
    ]) {
      const answer = await visitor.post(path, bodyWith(form), headers);
      expect([headers, answer.status]).toEqual([headers, 403]);
    }
    const none = await visitor.send(path, { method: 'POST', body: bodyWith(form) });
    expect(none.status).toBe(403);
    expect(await isUnchanged()).toBe(true);
    expect(await room.received()).toEqual([]);
  });

  test('[S72] 403 without the token of its session', async () => {
    const other = await room.visitorOf('ada@example.com');
    const foreign = await tokenOf(other);
    const outside = room.newVisitor();
    const before = (await outside.visit('/account/login')).forms[0]?.values.form ?? '';
    for (const form of ['', 'x', foreign, before]) {
      const answer = await visitor.post(path, bodyWith(form));
      expect([form, answer.status]).toEqual([form, 403]);
    }
    expect(await isUnchanged()).toBe(true);
    expect(await room.received()).toEqual([]);
  });

  test('leads a stranger and an ended session to the login', async () => {
    const form = await tokenOf(visitor);
    const stranger = await room.newVisitor().post(path, bodyWith(form));
    expect(stranger.headers.get('Location')).toMatch(/^\/account\/login/);
    await room.endSessionsOf(token);
    const ended = await visitor.post(path, bodyWith(form));
    expect(ended.headers.get('Location')).toMatch(/^\/account\/login/);
    expect(await room.logIn('ada@example.com', PASSWORD)).toBe(200);
  });
});

describe('the cookie of a session', () => {
  beforeEach(async () => {
    room = await createUserRoom();
    ({ token, visitor } = await room.newUserVisitor());
  });

  const pathWith = async (cookie: string): Promise<string> => {
    const other = room.newVisitor();
    other.cookies.set('latchkey_session', cookie);
    return (await other.visit('/account')).path;
  };

  test('[S73] is the only thing that opens a page', async () => {
    const cookie = visitor.cookies.get('latchkey_session') ?? '';
    expect(await pathWith(cookie)).toBe('/account');
    expect(await pathWith(sessionOf(visitor))).toBe('/account/login');
    expect(await pathWith(token)).toBe('/account/login');
    const bearing = await room.newVisitor().visit('/account', bearer(token));
    expect(bearing.path).toBe('/account/login');
  });

  test('[S73] is no token of the API, nor is the token of the device', async () => {
    const cookie = visitor.cookies.get('latchkey_session') ?? '';
    for (const value of [
      cookie,
      sessionOf(visitor),
      visitor.cookies.get('latchkey_device') ?? '',
    ]) {
      const answer = await room.send('/profile/me', { headers: bearer(value) });
      expect(answer.status).toBe(401);
    }
    const headers = { Cookie: `latchkey_session=${cookie}` };
    expect((await room.send('/profile/me', { headers })).status).toBe(401);
    expect((await room.send('/auth/sessions', { method: 'DELETE', headers })).status).toBe(401);
  });

  test('[S73] is rejected with a forged or swapped MAC, and with another user', async () => {
    const grace = await room.newVerifiedUser('grace@example.com', PASSWORD);
    const other = await room.visitorOf('grace@example.com');
    const [id, userId, mac] = (visitor.cookies.get('latchkey_session') ?? '').split('.');
    const [otherId, , otherMac] = (other.cookies.get('latchkey_session') ?? '').split('.');
    for (const cookie of [
      `${id}.${userId}.${otherMac}`,
      `${otherId}.${grace.id}.${mac}`,
      `${id}.${grace.id}.${mac}`,
      `${otherId}.${userId}.${mac}`,
      `${id}.${userId}.${'A'.repeat(43)}`,
      `${id}.${userId}.`,
      `${id}.${userId}`,
      `${id}.0${userId}.${mac}`,
      `${id}.${userId}.${mac}.${mac}`,
    ]) {
      expect([cookie, await pathWith(cookie)]).toEqual([cookie, '/account/login']);
    }
  });

  test('of the previous secret is accepted, of another one is not', async () => {
    const old = await createUserRoom({ SECRET_KEY: OLD_SECRET });
    const { cookies } = old.deps;
    const session = { id: sessionOf(visitor), userId: 1 };
    expect(await pathWith(cookies.seal(session))).toBe('/account/login');
    const rotated = await createUserRoom({
      SECRET_KEY_PREVIOUS: OLD_SECRET,
    });
    const { visitor: user } = await rotated.newUserVisitor();
    const sealed = cookies.seal({ id: sessionOf(user), userId: 1 });
    const other = rotated.newVisitor();
    other.cookies.set('latchkey_session', sealed);
    expect((await other.visit('/account')).path).toBe('/account');
    const page = await other.visit('/account/sessions');
    expect(page.status).toBe(200);
  });

  test('[S73] no page shows it, and no page shows a token', async () => {
    const secrets = [
      visitor.cookies.get('latchkey_session'),
      visitor.cookies.get('latchkey_device'),
      visitor.cookies.get('latchkey_form'),
      token,
    ];
    for (const path of PAGES) {
      const { html } = await visitor.visit(path);
      for (const secret of secrets) expect(html).not.toContain(secret);
    }
  });
});
