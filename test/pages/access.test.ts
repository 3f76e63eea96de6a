import { describe, expect, test } from 'vitest';
import { createPageRoom, createSilentVisitor, PASSWORD } from '../support/page-room.ts';
import { form, json } from '../support/test-app.ts';

const SIGN_UP = '/account/signup';
const EMAIL = 'ada@example.com';

describe('/account/signup', () => {
  test('creates an account, logs in, sends a verification and offers to enter its code', async () => {
    const room = await createPageRoom();
    const visitor = room.newVisitor();
    await visitor.visit(SIGN_UP);
    const page = await visitor.submit({ email: EMAIL, name: 'Ada', password: PASSWORD });
    expect([page.path, page.status]).toEqual(['/account/verify?done=signedUp', 200]);
    expect(page.notices.join()).toContain('The account is created.');
    const { code = '' } = await room.message();
    expect(page.links['Continue to the account']).toBe('/account');
    const home = await visitor.submit({ code }, { button: 'Verify with the code' });
    expect(home.path).toBe('/account?done=addressVerified');
  });

  test('without a sender, leads to the account', async () => {
    const visitor = await createSilentVisitor();
    await visitor.visit(SIGN_UP);
    const page = await visitor.submit({ email: EMAIL, password: PASSWORD });
    expect([page.path, page.status]).toEqual(['/account', 200]);
  });

  test('a taken address, a weak password and a wrong number stand at their fields or in the notice', async () => {
    const room = await createPageRoom();
    await room.newUser(EMAIL);
    const visitor = room.newVisitor();
    await visitor.visit(SIGN_UP);
    const taken = await visitor.submit({ email: EMAIL, password: PASSWORD });
    expect([taken.status, taken.alert]).toEqual([
      400,
      'This email address already has an account.',
    ]);
    expect(taken.forms[0]?.values).toMatchObject({ email: EMAIL, password: '' });
    const weak = await visitor.submit({ email: 'b@example.com', password: 'short' });
    expect([weak.status, weak.errors]).toEqual([
      400,
      { password: 'At least 8 characters are required.' },
    ]);
    const phone = await visitor.submit({ email: '', phone: '12', password: PASSWORD });
    expect([phone.status, Object.keys(phone.errors)]).toEqual([422, ['phone']]);
    const neither = await visitor.submit({ phone: '', password: PASSWORD });
    expect([neither.status, neither.errors]).toEqual([422, { email: 'Fill this in.' }]);
  });

  test.each([
    ['hidden', { SIGNUP_MODE: 'hidden' }],
    ['after a verification', { REQUIRE_VERIFIED: 'login' }],
  ])('%s: creates no session, and says that a message is on its way', async (_, settings) => {
    const room = await createPageRoom(settings);
    const visitor = room.newVisitor();
    await visitor.visit(SIGN_UP);
    const page = await visitor.submit({ email: EMAIL, password: PASSWORD });
    expect([page.status, page.notices]).toEqual([
      200,
      ['Follow the message that is on its way to your address.'],
    ]);
    expect([...visitor.cookies.keys()]).toEqual(['latchkey_form']);
    const { tokens } = await room.message();
    await visitor.visit(page.links['Paste the link of the message'] ?? '');
    const done = await visitor.submit({ link: tokens.verify ?? '' });
    expect(done.path).toBe('/account/login?done=addressVerified');
    const home = await visitor.submit(
      { username: EMAIL, password: PASSWORD },
      { button: 'Log in' },
    );
    expect(home.path).toBe('/account');
  });

  test('hidden: a taken address gets the same page, and its owner a message', async () => {
    const room = await createPageRoom({ SIGNUP_MODE: 'hidden' });
    const shown = [];
    for (const _ of [1, 2]) {
      const visitor = room.newVisitor();
      await visitor.visit(SIGN_UP);
      shown.push((await visitor.submit({ email: EMAIL, password: PASSWORD })).text);
      room.advance(60);
    }
    expect(shown[0]).toBe(shown[1]);
    expect(
      (await room.received()).map(({ text }) => text.includes('already has an account')),
    ).toEqual([false, true]);
  });

  test('closed: says so, has no form, and the login does not lead to it', async () => {
    const room = await createPageRoom({ SIGNUP_MODE: 'closed' });
    const visitor = room.newVisitor();
    const page = await visitor.visit(SIGN_UP);
    expect([page.forms, page.text]).toEqual([
      [],
      expect.stringContaining('New accounts are closed at the moment.'),
    ]);
    const logIn = await visitor.visit('/account/login');
    expect(Object.keys(logIn.links)).not.toContain('Create an account');
    const { body } = visitor.filled({}, { button: 'Log in', action: '/account/login' });
    body.set('email', EMAIL);
    body.set('password', PASSWORD);
    expect((await visitor.post(SIGN_UP, body)).status).toBe(403);
  });
});

describe('/account/login', () => {
  test('a wrong password shows the form again, with the name and without the password', async () => {
    const room = await createPageRoom();
    await room.newUser(EMAIL);
    const visitor = room.newVisitor();
    await visitor.visit('/account/login');
    const page = await visitor.submit(
      { username: EMAIL, password: 'wrong password' },
      { button: 'Log in' },
    );
    expect([page.status, page.alert]).toEqual([
      400,
      'The password is wrong, or there is no such account.',
    ]);
    expect(page.title).toMatch(/^Error: /);
    expect(page.forms[0]?.values).toMatchObject({ username: EMAIL, password: '' });
    expect(page.html).not.toContain('wrong password');
  });

  test('REQUIRE_VERIFIED=login: 403, and a way to paste the link of the message', async () => {
    const room = await createPageRoom({ REQUIRE_VERIFIED: 'login' });
    await room.post('/auth/signup', { email: EMAIL, password: PASSWORD });
    await room.received();
    room.advance(60);
    const visitor = room.newVisitor();
    await visitor.visit('/account/login');
    const page = await visitor.submit(
      { username: EMAIL, password: PASSWORD },
      { button: 'Log in' },
    );
    expect([page.status, page.alert]).toEqual([
      403,
      'Verify your address first. A message is on its way to it.',
    ]);
    await visitor.visit(page.links['Paste the link of the message'] ?? '');
    const { tokens } = await room.message();
    const done = await visitor.submit({ link: tokens.verify ?? '' });
    expect(done.path).toBe('/account/login?done=addressVerified');
  });

  test('429 with Retry-After beyond the limit', async () => {
    const room = await createPageRoom({ RATE_LIMIT_LOGIN: '1/60s' });
    const visitor = room.newVisitor();
    await visitor.visit('/account/login');
    const fields = { username: EMAIL, password: PASSWORD };
    expect((await visitor.submit(fields, { button: 'Log in' })).status).toBe(400);
    const page = await visitor.submit(fields, { button: 'Log in' });
    expect([page.status, page.headers.get('Retry-After')]).toEqual([
      429,
      expect.stringMatching(/^\d+$/),
    ]);
  });

  test('logout ends the session and says so; its cookie opens nothing afterwards', async () => {
    const room = await createPageRoom();
    await room.newUser(EMAIL);
    const visitor = await room.newUserVisitor(EMAIL);
    const stolen = [...visitor.cookies].map((pair) => pair.join('=')).join('; ');
    const page = await visitor.submit({}, { button: 'Log out' });
    expect([page.path, page.notices]).toEqual([
      '/account/login?done=loggedOut',
      ['You are logged out.'],
    ]);
    const again = await room.newVisitor().visit('/account', { Cookie: stolen });
    expect(again.path).toBe('/account/login');
  });

  test('the cookie of the pages is no access token, and an access token is no cookie', async () => {
    const room = await createPageRoom();
    const { token } = await room.newUser(EMAIL);
    const visitor = await room.newUserVisitor(EMAIL);
    const cookie = visitor.cookies.get('latchkey_session') ?? '';
    const asToken = await room.send('/profile/me', {
      headers: { Authorization: `Bearer ${cookie}` },
    });
    const alone = await room.send('/profile/me', {
      headers: { Cookie: `latchkey_session=${cookie}` },
    });
    expect([asToken.status, alone.status]).toEqual([401, 401]);
    const asCookie = await room
      .newVisitor()
      .visit('/account', { Cookie: `latchkey_session=${token}` });
    expect(asCookie.path).toBe('/account/login');
  });

  test('the operations of the API are as before: no cookie', async () => {
    const room = await createPageRoom();
    const signUp = await room.app.request(
      '/auth/signup?login=true',
      json('POST', { email: EMAIL, password: PASSWORD }),
    );
    const logIn = await room.app.request(
      '/auth/login',
      form({ username: EMAIL, password: PASSWORD }),
    );
    for (const { headers } of [signUp, logIn]) expect(headers.getSetCookie()).toEqual([]);
  });
});
