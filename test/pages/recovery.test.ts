import { describe, expect, test } from 'vitest';
import { otherCode } from '../support/mail-room.ts';
import {
  createPageRoom,
  createSilentVisitor,
  NEW_PASSWORD,
  PASSWORD,
} from '../support/page-room.ts';

const FORGOT = '/account/forgot';
const RESET = '/account/reset';
const DONE = '/account/login?done=passwordReset';

/** A room with a user, and a visitor who has requested a message for this user. */
async function createForgetful(settings: Record<string, string> = {}) {
  const room = await createPageRoom(settings);
  const { email } = await room.newUser();
  const visitor = room.newVisitor();
  await visitor.visit(FORGOT);
  const page = await visitor.submit({ username: email });
  return { room, email, visitor, page, ...(await room.message()) };
}

describe('POST /account/forgot', () => {
  test('sends a message, and shows a form for its code with the typed name, not in the address', async () => {
    const { page, email, code, tokens } = await createForgetful();
    expect([page.status, page.path, page.heading]).toEqual([200, FORGOT, 'Look at your messages']);
    expect(page.notices.join()).toContain('If there is an account');
    expect(page.forms[0]).toMatchObject({ action: RESET, values: { username: email, code: '' } });
    expect([code, tokens.reset]).toEqual([
      expect.stringMatching(/^\d{6}$/),
      expect.stringMatching(/^[\w-]{43}$/),
    ]);
  });

  test('answers the same for a name without an account', async () => {
    const { room, page, email } = await createForgetful();
    const stranger = room.newVisitor();
    await stranger.visit(FORGOT);
    const other = await stranger.submit({ username: 'nobody@example.com' });
    const shape = (text: string, name: string) =>
      text.replaceAll(name, 'NAME').replace(/name="form" value="[^"]*"/g, '');
    expect(other.status).toBe(page.status);
    expect(shape(other.html, 'nobody@example.com')).toBe(shape(page.html, email));
    expect(await room.received()).toEqual([]);
  });

  test('without a name, shows the form again with what is missing', async () => {
    const room = await createPageRoom();
    const visitor = room.newVisitor();
    await visitor.visit(FORGOT);
    const page = await visitor.submit({ username: '   ' });
    expect([page.status, page.alert]).toEqual([422, 'Check what you have entered.']);
    expect([page.errors, page.invalid]).toEqual([{ username: 'Fill this in.' }, ['username']]);
    expect(page.inputs.username).toMatchObject({
      autofocus: '',
      'aria-describedby': 'username-error',
    });
  });

  test('twice within a minute sends one message and answers the same', async () => {
    const { room, visitor, email, page } = await createForgetful();
    await visitor.visit(FORGOT);
    const again = await visitor.submit({ username: email });
    expect(again.html).toBe(page.html);
    expect(await room.received()).toEqual([]);
  });
});

describe('POST /account/reset', () => {
  test('by a code, sets the password, ends all sessions and leads to the login', async () => {
    const { room, email, visitor, code = '' } = await createForgetful();
    const other = await room.newUserVisitor(email);
    const page = await visitor.submit({ code, new_password: NEW_PASSWORD });
    expect([page.path, page.redirects]).toEqual([DONE, [DONE]]);
    expect(page.notices).toEqual(['The new password is set. Log in with it.']);
    expect((await other.visit('/account')).path).toBe('/account/login');
    const home = await visitor.submit(
      { username: email, password: NEW_PASSWORD },
      { button: 'Log in' },
    );
    expect([home.path, home.status]).toEqual(['/account', 200]);
    expect(await room.logIn(email, PASSWORD)).toBe(400);
  });

  test('a code with spaces is read', async () => {
    const { visitor, code = '' } = await createForgetful();
    const spaced = ` ${code.slice(0, 3)} ${code.slice(3)} `;
    expect((await visitor.submit({ code: spaced, new_password: NEW_PASSWORD })).path).toBe(DONE);
  });

  test.each([
    ['its token', (token: string) => token],
    ['the whole link', (token: string) => `http://127.0.0.1:8000/account/reset#${token}`],
    ['the link in spaces', (token: string) => `  https://a.example/account/reset#${token}\n`],
  ])('takes a link that is pasted: %s, and once only', async (_, pasted) => {
    const { room, tokens } = await createForgetful();
    const visitor = room.newVisitor();
    await visitor.visit(RESET);
    const fields = { link: pasted(tokens.reset ?? ''), new_password: NEW_PASSWORD };
    expect((await visitor.submit(fields)).path).toBe(DONE);
    await visitor.visit(RESET);
    const again = await visitor.submit({ ...fields, new_password: 'analytical engines' });
    expect([again.status, again.path]).toEqual([400, RESET]);
    expect(again.alert).toContain('wrong, used or expired');
    expect(again.html).not.toContain(tokens.reset);
  });

  test('a link counts, whatever the browser has filled into the other fields', async () => {
    const { visitor, tokens } = await createForgetful();
    const page = await visitor.submit({
      link: tokens.reset ?? '',
      username: 'saved@example.com',
      code: '000000',
      new_password: NEW_PASSWORD,
    });
    expect(page.path).toBe(DONE);
  });

  test('a weak password is shown at its field; the code stays and still works', async () => {
    const { visitor, email, code = '' } = await createForgetful();
    const weak = await visitor.submit({ code, new_password: 'short' });
    expect([weak.status, weak.path, weak.alert]).toEqual([400, RESET, 'Choose another password.']);
    expect(weak.errors).toEqual({ new_password: 'At least 8 characters are required.' });
    expect(weak.invalid).toEqual(['new_password']);
    expect(weak.forms[0]?.values).toMatchObject({ username: email, code, new_password: '' });
    const common = await visitor.submit({ new_password: 'password123' });
    expect(common.errors).toEqual({ new_password: 'Too many people use this password.' });
    const similar = await visitor.submit({ new_password: email });
    expect(similar.errors.new_password).toContain('too similar');
    expect((await visitor.submit({ new_password: NEW_PASSWORD })).path).toBe(DONE);
  });

  test('a weak password does not use the link up; the form carries its token, without other ways', async () => {
    const { visitor, tokens } = await createForgetful();
    const weak = await visitor.submit({ link: tokens.reset ?? '', new_password: 'short' });
    expect(Object.keys(weak.forms[0]?.values ?? {})).toEqual(['form', 'link', 'new_password']);
    expect(weak.inputs.link).toBeUndefined();
    expect(weak.text).toContain('Choose the new password of your account.');
    expect((await visitor.submit({ new_password: NEW_PASSWORD })).path).toBe(DONE);
  });

  test('a wrong code says so, and the name stays', async () => {
    const { visitor, email, code } = await createForgetful();
    const page = await visitor.submit({ code: otherCode(code), new_password: NEW_PASSWORD });
    expect([page.status, page.path]).toEqual([400, RESET]);
    expect(page.alert).toContain('The code or the link is wrong');
    expect(page.forms[0]?.values).toMatchObject({ username: email, code: '', link: '' });
  });

  test('a code is of no use after five wrong ones', async () => {
    const { visitor, code = '' } = await createForgetful();
    for (let step = 1; step <= 5; step++) {
      const page = await visitor.submit({
        code: otherCode(code, step),
        new_password: NEW_PASSWORD,
      });
      expect(page.status).toBe(400);
    }
    expect((await visitor.submit({ code, new_password: NEW_PASSWORD })).status).toBe(400);
  });

  test('an expired code and an expired link say so', async () => {
    const { room, visitor, code = '', tokens } = await createForgetful();
    room.advance(15 * 60);
    expect((await visitor.submit({ code, new_password: NEW_PASSWORD })).status).toBe(400);
    room.advance(45 * 60);
    const late = await visitor.submit({ link: tokens.reset ?? '', new_password: NEW_PASSWORD });
    expect(late.status).toBe(400);
  });

  test.each([
    [{}, { code: 'Fill this in.' }],
    [{ code: '12345' }, { username: 'Fill this in.', code: 'The code has six digits.' }],
    [{ code: '123456' }, { username: 'Fill this in.' }],
    [{ link: 'a'.repeat(300) }, { link: 'At most 256 characters are possible.' }],
  ])('422 for %j, at the field', async (fields, errors) => {
    const { visitor } = await createForgetful();
    await visitor.visit(RESET);
    const page = await visitor.submit({ ...fields, new_password: NEW_PASSWORD });
    expect([page.status, page.errors]).toEqual([422, errors]);
    expect(page.inputs[Object.keys(errors)[0] ?? '']).toHaveProperty('autofocus');
  });

  test('two submissions at once: one sets the password', async () => {
    const { visitor, code = '' } = await createForgetful();
    const { path, body } = visitor.filled({ code, new_password: NEW_PASSWORD });
    const answers = await Promise.all([visitor.post(path, body), visitor.post(path, body)]);
    expect(answers.map(({ status }) => status).sort()).toEqual([303, 400]);
  });

  test('429 with Retry-After beyond the limit, and the code still works later', async () => {
    const { room, visitor, code = '' } = await createForgetful({ RATE_LIMIT_LOGIN: '2/60s' });
    for (let step = 1; step <= 2; step++) {
      await visitor.submit({ code: otherCode(code, step), new_password: NEW_PASSWORD });
    }
    const page = await visitor.submit({ code, new_password: NEW_PASSWORD });
    expect([page.status, page.alert]).toEqual([429, 'Too many attempts. Try again later.']);
    expect(Number(page.headers.get('Retry-After'))).toBeGreaterThan(0);
    room.advance(60);
    expect((await visitor.submit({ new_password: NEW_PASSWORD })).path).toBe(DONE);
  });
});

describe('the pages of recovery', () => {
  test('have the fields that password managers and keyboards expect', async () => {
    const { page } = await createForgetful();
    const { username, code, link, new_password: password } = page.inputs;
    expect(username).toMatchObject({ autocomplete: 'username', type: 'text' });
    expect(code).toMatchObject({ autocomplete: 'one-time-code', inputmode: 'numeric' });
    expect(link).toMatchObject({ autocomplete: 'off' });
    expect(password).toMatchObject({ autocomplete: 'new-password', type: 'password' });
  });

  test('GET uses no token, wherever it stands', async () => {
    const { room, visitor, tokens } = await createForgetful();
    const stranger = room.newVisitor();
    for (const query of [`?link=${tokens.reset}`, `?token=${tokens.reset}`, `?${tokens.reset}`]) {
      const page = await stranger.visit(`${RESET}${query}`);
      expect([page.status, page.html.includes(tokens.reset ?? '')]).toEqual([200, false]);
    }
    const done = await visitor.submit({ link: tokens.reset ?? '', new_password: NEW_PASSWORD });
    expect(done.path).toBe(DONE);
  });

  test('without a sender, 503 and words for it; the page has no form', async () => {
    const visitor = await createSilentVisitor();
    const page = await visitor.visit(FORGOT);
    expect([page.forms, page.text]).toEqual([
      [],
      expect.stringContaining('This service sends no messages of this kind.'),
    ]);
    const logIn = await visitor.visit('/account/login');
    expect(Object.keys(logIn.links)).not.toContain('Forgot the password?');
    const form = visitor.filled({}, { button: 'Log in' }).body.get('form') ?? '';
    const body = new URLSearchParams({ form, username: 'ada@example.com' });
    expect((await visitor.post(FORGOT, body)).status).toBe(503);
  });
});
