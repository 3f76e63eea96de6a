import { describe, expect, test } from 'vitest';
import { otherCode } from '../support/mail-room.ts';
import { createPageRoom, NEW_PASSWORD, PASSWORD } from '../support/page-room.ts';
import { bearer } from '../support/test-app.ts';

const VERIFY = '/account/verify';
const BY_CODE = 'Verify with the code';

/** A room with a user who is logged in to the pages. */
async function createUser() {
  const room = await createPageRoom();
  const { email, token } = await room.newUser();
  return { room, email, token, visitor: await room.newUserVisitor(email) };
}

describe('/account/verify', () => {
  test('a user who is logged in requests a message, and enters its code', async () => {
    const { room, email, visitor, token } = await createUser();
    const page = await visitor.visit(VERIFY);
    expect(page.text).toContain(`By a code for ${email}`);
    const sent = await visitor.submit({}, { button: `Send a message to ${email}` });
    expect([sent.path, sent.notices]).toEqual([
      '/account/verify?done=messageSent',
      ['A message is on its way.'],
    ]);
    const { code = '' } = await room.message();
    const wrong = await visitor.submit({ code: otherCode(code) }, { button: BY_CODE });
    expect([wrong.status, wrong.alert]).toEqual([
      400,
      expect.stringContaining('The code or the link is wrong'),
    ]);
    const done = await visitor.submit({ code }, { button: BY_CODE });
    expect([done.path, done.notices]).toEqual([
      '/account?done=addressVerified',
      ['The address is verified.'],
    ]);
    expect((await room.profile(token)).body.email_verified).toBe(true);
    expect((await visitor.visit(VERIFY)).forms.filter(({ isNavigation }) => !isNavigation)).toEqual(
      [expect.objectContaining({ buttons: ['Verify address'] })],
    );
  });

  test('an email address and a phone number have a form each, and errors stand at theirs', async () => {
    const room = await createPageRoom();
    const { phone, password } = await room.newPhoneUser('7760873977', 'ada@example.com');
    const visitor = await room.newUserVisitor(phone, password);
    await visitor.visit(VERIFY);
    await visitor.submit({}, { button: `Send a message to ${phone}` });
    const { code = '' } = await room.message();
    const path = VERIFY;
    const body = (fields: Record<string, string>) =>
      new URLSearchParams({ form: visitor.page().forms.at(-1)?.values.form ?? '', ...fields });
    const wrong = await visitor.post(path, body({ channel: 'phone', code: '12' }));
    const html = await wrong.text();
    expect(wrong.status).toBe(422);
    expect(html).toContain('id="phone-code-error"');
    expect(html).not.toContain('id="email-code-error"');
    const other = await visitor.post(path, body({ channel: 'email', code }));
    expect(other.status).toBe(400);
    const right = await visitor.post(path, body({ channel: 'phone', code }));
    expect(right.headers.get('Location')).toBe('/account?done=addressVerified');
    const absent = await visitor.post(path, body({ channel: 'fax', code }));
    expect(absent.status).toBe(422);
  });

  test('the link verifies without a login, once, and leads to the login', async () => {
    const { room, token } = await createUser();
    await room.post('/auth/verification', { channel: 'email' }, bearer(token));
    const { tokens } = await room.message();
    const stranger = room.newVisitor();
    for (const method of ['GET', 'HEAD'])
      await stranger.send(`${VERIFY}?link=${tokens.verify}`, { method });
    const page = await stranger.visit(VERIFY);
    expect(Object.values(page.links)).toContain('/account/login?to=%2Faccount%2Fverify');
    const link = `http://127.0.0.1:8000${VERIFY}#${tokens.verify}`;
    const done = await stranger.submit({ link });
    expect([done.path, done.notices]).toEqual([
      '/account/login?done=addressVerified',
      ['The address is verified.'],
    ]);
    await stranger.visit(VERIFY);
    expect((await stranger.submit({ link })).status).toBe(400);
    expect((await room.profile(token)).body.email_verified).toBe(true);
  });

  test('a visitor who is not logged in can neither request a message nor enter a code', async () => {
    const { room } = await createUser();
    const stranger = room.newVisitor();
    const page = await stranger.visit(VERIFY);
    const form = page.forms[0]?.values.form ?? '';
    const fields = { form, channel: 'email', code: '123456' };
    const send = await stranger.post('/account/verify/send', new URLSearchParams(fields));
    expect([send.status, send.headers.get('Location')?.split('?')[0]]).toEqual([
      303,
      '/account/login',
    ]);
    const confirm = await stranger.post(VERIFY, new URLSearchParams(fields));
    expect(confirm.status).toBe(422);
    expect(await room.received()).toEqual([]);
  });

  test('without a link, 422 at its field', async () => {
    const visitor = (await createPageRoom()).newVisitor();
    await visitor.visit(VERIFY);
    const page = await visitor.submit();
    expect([page.status, page.errors]).toEqual([422, { link: 'Fill this in.' }]);
  });
});

describe('/account/change and /account/undo', () => {
  /** A user whose verified address has been asked to change. */
  async function createMover() {
    const room = await createPageRoom();
    const { email, token } = await room.newVerifiedUser();
    const to = 'new@example.com';
    await room.post('/auth/email/change', { email: to }, bearer(token));
    return { room, email, token, to, tokens: (await room.message()).tokens };
  }

  test('the link of the new address changes it, once; the link of the notice restores the old one', async () => {
    const { room, email, to, token, tokens } = await createMover();
    const visitor = room.newVisitor();
    await visitor.visit('/account/change');
    const done = await visitor.submit({ link: tokens.change ?? '' });
    expect([done.path, done.notices]).toEqual([
      '/account/login?done=addressChanged',
      ['The email address is changed.'],
    ]);
    expect((await room.profile(token)).body.email).toBe(to);
    await visitor.visit('/account/change');
    expect((await visitor.submit({ link: tokens.change ?? '' })).status).toBe(400);

    const notice = await room.message();
    const page = await visitor.visit('/account/undo');
    expect(page.text).toContain('A replaced address is restored to your account');
    const undone = await visitor.submit({ link: notice.tokens.undo ?? '' });
    expect([undone.path, undone.notices]).toEqual([
      '/account/forgot?done=undone',
      ['Done. If the account is yours, request a new password.'],
    ]);
    expect((await room.profile(token)).status).toBe(401);
    expect(await room.logIn(email, PASSWORD)).toBe(400);
    await visitor.visit('/account/undo');
    expect((await visitor.submit({ link: notice.tokens.undo ?? '' })).status).toBe(400);

    room.advance(60);
    await visitor.visit('/account/forgot');
    await visitor.submit({ username: email });
    const { code = '' } = await room.message();
    await visitor.submit({ code, new_password: NEW_PASSWORD });
    expect(await room.logIn(email, NEW_PASSWORD)).toBe(200);
  });

  test('an address that was taken meanwhile is not changed', async () => {
    const { room, to, tokens } = await createMover();
    await room.newVerifiedUser(to, NEW_PASSWORD);
    const visitor = room.newVisitor();
    await visitor.visit('/account/change');
    const page = await visitor.submit({ link: tokens.change ?? '' });
    expect(page.status).toBe(400);
    expect(page.alert).not.toBe('');
  });

  test('the link for somebody else takes a phone number away from the account', async () => {
    const room = await createPageRoom();
    const { token } = await room.newPhoneUser('7760873977');
    await room.post('/auth/verification', { channel: 'phone' }, bearer(token));
    const { tokens } = await room.message();
    const visitor = room.newVisitor();
    await visitor.visit('/account/undo');
    const page = await visitor.submit({ link: tokens.undo ?? '' });
    expect(page.path).toBe('/account/forgot?done=undone');
    expect((await room.profile(token)).status).toBe(401);
  });

  test.each(['/account/change', '/account/undo'])(
    '%s: no link is 422, a link of another kind 400, too many 429 with Retry-After',
    async (path) => {
      const room = await createPageRoom({ RATE_LIMIT_LOGIN_ADDRESS: '2/60s' });
      const visitor = room.newVisitor();
      await visitor.visit(path);
      expect((await visitor.submit()).status).toBe(422);
      const link = `http://127.0.0.1:8000${path}#${'a'.repeat(43)}`;
      for (const status of [400, 400]) expect((await visitor.submit({ link })).status).toBe(status);
      const page = await visitor.submit({ link });
      expect([page.status, page.headers.get('Retry-After')]).toEqual([
        429,
        expect.stringMatching(/^\d+$/),
      ]);
      expect(page.forms[0]?.values.link).toBe('a'.repeat(43));
    },
  );
});
