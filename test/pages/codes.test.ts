import { describe, expect, test } from 'vitest';
import { otherCode } from '../support/mail-room.ts';
import { createPageRoom, createSilentVisitor } from '../support/page-room.ts';

const REQUEST = '/account/code';
const LOG_IN = '/account/code/login';

/** A room with a user whose address is verified, and a visitor who has requested a code. */
async function createRequester(target = '') {
  const room = await createPageRoom();
  const { email } = await room.newVerifiedUser();
  const visitor = room.newVisitor();
  await visitor.visit(`${REQUEST}${target}`);
  const page = await visitor.submit({ username: email });
  return { room, email, visitor, page, ...(await room.message()) };
}

describe('login by a code', () => {
  test('the code of the message starts a session, once', async () => {
    const { room, page, email, visitor, code = '' } = await createRequester();
    expect([page.status, page.forms[0]?.action]).toEqual([200, LOG_IN]);
    expect(page.forms[0]?.values).toMatchObject({ username: email, code: '' });
    const home = await visitor.submit({ code });
    expect([home.path, home.status]).toEqual(['/account', 200]);
    expect(home.text).toContain(email);
    const other = room.newVisitor();
    await other.visit(LOG_IN);
    const again = await other.submit({ username: email, code });
    expect([again.status, again.path]).toEqual([400, LOG_IN]);
    expect([...other.cookies.keys()]).toEqual(['latchkey_form']);
  });

  test('leads to the page that asked for the login', async () => {
    const room = await createPageRoom();
    const { email } = await room.newVerifiedUser();
    const visitor = room.newVisitor();
    const logIn = await visitor.visit('/account/login?to=/account/verify');
    const link = logIn.links['Log in with a code'] ?? '';
    expect(link).toBe('/account/code?to=%2Faccount%2Fverify');
    await visitor.visit(link);
    await visitor.submit({ username: email });
    const { code = '' } = await room.message();
    expect((await visitor.submit({ code })).path).toBe('/account/verify');
  });

  test('takes a link that is pasted, once', async () => {
    const { visitor, tokens, room } = await createRequester();
    const link = `http://127.0.0.1:8000/account/login#${tokens.login}`;
    expect((await visitor.submit({ link })).path).toBe('/account');
    const other = room.newVisitor();
    await other.visit(LOG_IN);
    expect((await other.submit({ link })).status).toBe(400);
  });

  test('the login page has a form for a link, which only the script shows, and a way to paste it', async () => {
    const { room, tokens } = await createRequester();
    const visitor = room.newVisitor();
    const page = await visitor.visit('/account/login');
    const hidden = page.forms.find(({ isHidden }) => isHidden);
    expect([hidden?.action, hidden?.values.link, hidden?.buttons]).toEqual([
      LOG_IN,
      '',
      ['Log in'],
    ]);
    const paste = page.links['Enter the code or paste the link of a message'] ?? '';
    await visitor.visit(paste);
    expect((await visitor.submit({ link: tokens.login ?? '' })).path).toBe('/account');
  });

  test('a wrong code, a reset token and a code of somebody else say so', async () => {
    const { room, email, visitor, code } = await createRequester();
    const wrong = await visitor.submit({ code: otherCode(code) });
    expect([wrong.status, wrong.forms[0]?.values.username]).toEqual([400, email]);
    expect(wrong.alert).toContain('The code or the link is wrong');
    room.advance(60);
    const { tokens } = await room.ask('/auth/password/forgot', email);
    await visitor.visit(LOG_IN);
    expect((await visitor.submit({ link: tokens.reset ?? '' })).status).toBe(400);
    const other = { username: 'nobody@example.com', code: code ?? '' };
    expect((await visitor.submit(other)).status).toBe(400);
  });

  test('an unverified address and an unknown name get the same page and no message', async () => {
    const room = await createPageRoom();
    const { email } = await room.newUser();
    const texts = [];
    for (const username of [email, 'nobody@example.com', 'not an address']) {
      const visitor = room.newVisitor();
      await visitor.visit(REQUEST);
      const page = await visitor.submit({ username });
      texts.push([page.status, page.text]);
    }
    expect(new Set(texts.map((text) => JSON.stringify(text))).size).toBe(1);
    expect(await room.received()).toEqual([]);
  });

  test('429 with Retry-After beyond the limit of the name', async () => {
    const room = await createPageRoom({ RATE_LIMIT_LOGIN: '1/60s' });
    const visitor = room.newVisitor();
    await visitor.visit(LOG_IN);
    const fields = { username: 'ada@example.com', code: '123456' };
    expect((await visitor.submit(fields)).status).toBe(400);
    const page = await visitor.submit(fields);
    expect([page.status, page.alert]).toEqual([429, 'Too many attempts. Try again later.']);
    expect(page.headers.get('Retry-After')).toMatch(/^\d+$/);
  });

  test('without anything, 422 at the field of the code', async () => {
    const room = await createPageRoom();
    const visitor = room.newVisitor();
    await visitor.visit(LOG_IN);
    const page = await visitor.submit();
    expect([page.status, page.errors]).toEqual([422, { code: 'Fill this in.' }]);
  });

  test('who is logged in is led to the account', async () => {
    const room = await createPageRoom();
    const { email } = await room.newUser();
    const visitor = await room.newUserVisitor(email);
    for (const path of [REQUEST, LOG_IN, '/account/login', '/account/signup']) {
      expect((await visitor.visit(path)).path).toBe('/account');
    }
  });

  test('without a sender, the page says so', async () => {
    const visitor = await createSilentVisitor();
    const page = await visitor.visit(REQUEST);
    expect([page.forms, page.text]).toEqual([[], expect.stringContaining('sends no messages')]);
  });
});
