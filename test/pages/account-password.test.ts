import { sql } from 'drizzle-orm';
import { beforeEach, describe, expect, test } from 'vitest';
import { otherCode, spaced } from '../support/mail-room.ts';
import type { Visitor } from '../support/page-visitor.ts';
import { createUserRoom, PASSWORD, sessionOf, type UserRoom } from '../support/user-room.ts';

const NEW = 'difference engine';
const TO = '/account/confirm?to=%2Faccount%2Fdata';

let room: UserRoom;
let token: string;
let visitor: Visitor;

beforeEach(async () => {
  room = await createUserRoom();
  ({ token, visitor } = await room.newUserVisitor());
});

const change = async (current_password: string, new_password: string) => {
  await visitor.visit('/account/password');
  return visitor.submit({ current_password, new_password }, { button: 'Change password' });
};

const removePassword = () => room.db.run(sql`update users set password_hash = null`);

describe('POST /account/password', () => {
  test('changes the password, ends all other sessions, and starts a new one here', async () => {
    const other = await room.visitorOf('ada@example.com');
    const [session, device] = [sessionOf(visitor), visitor.cookies.get('latchkey_device')];
    const { path, notices } = await change(PASSWORD, NEW);
    expect(path).toBe('/account/security?done=passwordChanged');
    expect(notices).toEqual(['The password is changed. All other sessions have ended.']);
    expect(sessionOf(visitor)).not.toBe(session);
    expect(visitor.cookies.get('latchkey_device')).not.toBe(device);
    expect((await other.visit('/account')).path).toBe('/account/login');
    expect((await room.profile(token)).status).toBe(401);
    expect(await room.logIn('ada@example.com', NEW)).toBe(200);
    expect(await room.logIn('ada@example.com', PASSWORD)).toBe(400);
  });

  test('shows a wrong current password at its field, and keeps no password', async () => {
    const { status, errors, invalid, html } = await change('wrong one', NEW);
    expect(status).toBe(400);
    expect(errors).toEqual({ current_password: 'The password is wrong.' });
    expect(invalid).toEqual(['current_password']);
    expect(html).not.toContain('wrong one');
    expect(html).not.toContain(NEW);
    expect((await visitor.visit('/account')).path).toBe('/account');
  });

  test.each([
    ['short', 'At least 8 characters are required.'],
    ['password', 'Too many people use this password.'],
    ['ada@example.com', 'It is too similar to your email address or phone number.'],
  ])('shows why the new password %j is rejected at its field', async (password, reason) => {
    const { status, errors } = await change(PASSWORD, password);
    expect(status).toBe(400);
    expect(errors).toEqual({ new_password: reason });
  });

  test('shows a missing password at its field', async () => {
    const { status, errors } = await change('', NEW);
    expect(status).toBe(422);
    expect(errors).toEqual({ current_password: 'Fill this in.' });
  });

  test('leads to the login if the session ends between the check and the change', async () => {
    await visitor.visit('/account/password');
    const { path, body } = visitor.filled(
      { current_password: PASSWORD, new_password: NEW },
      { button: 'Change password' },
    );
    room.endSessionsOnceChecked();
    const answer = await visitor.post(path, body);
    expect(answer.headers.get('Location')).toBe('/account/login?to=%2Faccount%2Fpassword');
    expect(await room.logIn('ada@example.com', NEW)).toBe(400);
  });

  test('counts towards the limit of password changes', async () => {
    room = await createUserRoom({ RATE_LIMIT_LOGIN: '3/60s' });
    ({ visitor } = await room.newUserVisitor());
    room.advance(61);
    for (let i = 0; i < 3; i++) expect((await change('wrong one', NEW)).status).toBe(400);
    const { status, alert, headers } = await change(PASSWORD, NEW);
    expect(status).toBe(429);
    expect(alert).toBe('Too many attempts. Try again later.');
    expect(Number(headers.get('Retry-After'))).toBeGreaterThan(0);
  });

  test('without a password, leads to the message that sets one', async () => {
    await removePassword();
    const { links, inputs, text } = await visitor.visit('/account/password');
    expect(text).toContain('The account has no password.');
    expect(links['Set a password']).toBe('/account/forgot');
    expect(inputs).toEqual({});
  });
});

describe('POST /account/confirm', () => {
  test('a session that is not fresh is led here, and back once it is', async () => {
    room.advance(601);
    const { path } = await visitor.visit('/account/data');
    expect(path).toBe(TO);
    const session = visitor.cookies.get('latchkey_session');
    const { path: at, status } = await visitor.submit(
      { password: PASSWORD },
      { button: 'Confirm' },
    );
    expect([at, status]).toEqual(['/account/data', 200]);
    expect(visitor.cookies.get('latchkey_session')).toBe(session);
  });

  test('shows a wrong password at its field, and confirms nothing', async () => {
    room.advance(601);
    await visitor.visit(TO);
    const { status, errors, path } = await visitor.submit(
      { password: 'no' },
      { button: 'Confirm' },
    );
    expect([status, path]).toEqual([400, TO]);
    expect(errors).toEqual({ password: 'The password is wrong.' });
    expect((await visitor.visit('/account/data')).path).toBe(TO);
  });

  test('confirms with the code of a message, once', async () => {
    room.advance(601);
    await visitor.visit(TO);
    const { path, notices } = await visitor.submit({}, { button: 'Send a code' });
    expect(path).toBe(`${TO}&done=messageSent`);
    expect(notices).toEqual(['A message is on its way.']);
    const { code = '' } = await room.message();
    const form = () => visitor.page().forms.find(({ values }) => 'code' in values);
    const wrong = new URLSearchParams({ ...form()?.values, code: otherCode(code) });
    expect((await visitor.post(TO, wrong)).status).toBe(400);
    const right = new URLSearchParams({ ...form()?.values, code: spaced(code) });
    const answer = await visitor.post(TO, right);
    expect(answer.headers.get('Location')).toBe('/account/data');
    expect((await visitor.visit('/account/data')).path).toBe('/account/data');
    expect((await visitor.post(TO, right)).status).toBe(400);
  });

  test('offers only what the account has', async () => {
    await removePassword();
    const byCode = await visitor.visit(TO);
    expect(byCode.inputs).toEqual({});
    expect(byCode.text).toContain('With a code');
    await room.db.run(sql`update users set email_verified_at = null`);
    const neither = await visitor.visit(TO);
    expect(neither.text).toContain('neither a password nor a verified address');
    expect(neither.links['Forgot the password?']).toBe('/account/forgot');
  });

  test.each([
    'https://evil.example',
    '//evil.example',
    '/account/login',
    '/account/sessions/../../evil',
    '/account/logout',
    'javascript:alert(1)',
  ])('goes nowhere but to the overview for the page %j', async (to) => {
    await visitor.visit(`/account/confirm?${new URLSearchParams({ to })}`);
    const { path } = await visitor.submit({ password: PASSWORD }, { button: 'Confirm' });
    expect(path).toBe('/account');
  });

  test.each(['', 'x', 'constructor', '__proto__'])('knows no way %j', async (way) => {
    await visitor.visit('/account/confirm');
    const { path, body } = visitor.filled({ password: PASSWORD, way }, { button: 'Confirm' });
    expect((await visitor.post(path, body)).status).toBe(404);
  });

  test('leads to the login if the session ends between the check and the change', async () => {
    await visitor.visit(TO);
    const { path, body } = visitor.filled({ password: PASSWORD }, { button: 'Confirm' });
    room.endSessionsOnceChecked();
    const answer = await visitor.post(path, body);
    expect(answer.headers.get('Location')).toBe('/account/login?to=%2Faccount%2Fconfirm');
  });
});
