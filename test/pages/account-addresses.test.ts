import { beforeEach, describe, expect, test } from 'vitest';
import { otherCode, spaced } from '../support/mail-room.ts';
import { createVisitor, type Visitor } from '../support/page-visitor.ts';
import { createTestApp, newUser } from '../support/test-app.ts';
import { createUserRoom, PASSWORD, type UserRoom } from '../support/user-room.ts';

const ORIGIN = 'https://account.example.com';
const PATH = '/account/addresses';
const NEW_PHONE = '+919876543210';

let room: UserRoom;
let token: string;
let visitor: Visitor;

beforeEach(async () => {
  room = await createUserRoom();
  ({ token, visitor } = await room.newUserVisitor());
});

const requestEmail = async (email: string) => {
  await visitor.visit(`${PATH}/email`);
  return visitor.submit({ email }, { button: 'Send link' });
};

const requestPhone = async (phone: string) => {
  await visitor.visit(`${PATH}/phone`);
  return visitor.submit({ phone }, { button: 'Send code' });
};

describe('GET /account/addresses', () => {
  test('lists both addresses, and how to change them', async () => {
    const { text, links } = await visitor.visit(PATH);
    expect(text).toContain('ada@example.com');
    expect(links['Change email address']).toBe(`${PATH}/email`);
    expect(links['Change phone number']).toBe(`${PATH}/phone`);
  });

  test('says that a service without senders cannot change them', async () => {
    const off = await createTestApp({
      APP_ENV: 'production',
      PASSWORD_ROUNDS: '6',
      SECRET_KEY: 'bsYq1XgkzNZ8pDdVQb0cQn3jv5T9wJmRrUe7HfLx2Ka4iGoW6yStEhMlPuAzCvFB',
      PUBLIC_URL: ORIGIN,
      CORS_ORIGINS: ORIGIN,
    });
    await newUser(off.app);
    const ada = createVisitor((path, init) => off.app.request(path, init), { origin: ORIGIN });
    await ada.visit('/account/login');
    await ada.submit(
      { username: 'ada@example.com', password: PASSWORD },
      { action: '/account/login' },
    );
    const { text, links } = await ada.visit(PATH);
    expect(text).toContain('This service sends no emails');
    expect(text).toContain('This service sends no text messages');
    expect(Object.keys(links)).not.toContain('Change email address');
    await ada.visit(`${PATH}/email`);
    const { status, alert } = await ada.submit(
      { email: 'new@example.com' },
      { button: 'Send link' },
    );
    expect(status).toBe(503);
    expect(alert).toBe('This service sends no messages of this kind.');
  });
});

describe('POST /account/addresses/email', () => {
  test('sends a link to the new address, which changes it', async () => {
    const { path, notices, text } = await requestEmail('Countess@example.com');
    expect(path).toBe(`${PATH}?done=changeLinkSent`);
    expect(notices).toEqual(['A message with a link is on its way to the new address.']);
    expect(text).toContain('Waiting to be confirmed');
    expect(text).toContain('Countess@example.com');
    const { to, tokens } = await room.message();
    expect(to).toBe('Countess@example.com');
    const link = tokens.change ?? '';
    await room.post('/auth/email/confirm', { token: link });
    expect((await visitor.visit(PATH)).text).toContain('Countess@example.com');
    expect((await visitor.visit(PATH)).text).not.toContain('Waiting');
  });

  test.each([
    ['x', 'This is not an email address.'],
    ['', 'Fill this in.'],
  ])('shows what is wrong with %j at its field', async (email, reason) => {
    const { status, errors } = await requestEmail(email);
    expect(status).toBe(422);
    expect(errors).toEqual({ email: reason });
  });

  test('escapes an address that is wrong', async () => {
    const { html, inputs } = await requestEmail('"><script>alert(1)</script>');
    expect(html).not.toContain('<script>alert');
    expect(inputs.email?.value).toBe('"><script>alert(1)</script>');
  });

  test('escapes an address that waits', async () => {
    const { html, text } = await requestEmail('<b>&"@example.com').catch(() => visitor.page());
    expect(html).not.toContain('<b>&');
    expect(text).toBeDefined();
  });

  test('requires a recent login, also of a form that was shown before', async () => {
    await visitor.visit(`${PATH}/email`);
    const { path, body } = visitor.filled({ email: 'new@example.com' }, { button: 'Send link' });
    room.advance(601);
    const answer = await visitor.post(path, body);
    expect(answer.headers.get('Location')).toBe(
      '/account/confirm?to=%2Faccount%2Faddresses%2Femail',
    );
    expect(await room.received()).toEqual([]);
  });

  test('sends nothing for a session that ends between the check and the change', async () => {
    await visitor.visit(`${PATH}/email`);
    const { path, body } = visitor.filled({ email: 'new@example.com' }, { button: 'Send link' });
    room.endSessionsOnceChecked();
    const answer = await visitor.post(path, body);
    expect(answer.headers.get('Location')).toBe('/account/login?to=%2Faccount%2Faddresses%2Femail');
    expect(await room.received()).toEqual([]);
  });
});

describe('POST /account/addresses', () => {
  test('changes the phone number by the code of a message', async () => {
    const { path, text } = await requestPhone(NEW_PHONE);
    expect(path).toBe(`${PATH}?done=changeCodeSent`);
    expect(text).toContain(NEW_PHONE);
    const { code = '', to } = await room.message();
    expect(to).toBe(NEW_PHONE);
    const wrong = await visitor.submit({ code: otherCode(code) }, { button: 'Change number' });
    expect(wrong.status).toBe(400);
    expect(wrong.alert).toContain('The code or the link is wrong');
    const right = await visitor.submit({ code: spaced(code) }, { button: 'Change number' });
    expect(right.path).toBe(`${PATH}?done=phoneChanged`);
    expect(right.text).not.toContain('Confirm the new number');
    expect((await room.profile(token)).body).toMatchObject({
      phone: NEW_PHONE,
      phone_verified: true,
    });
  });

  test('shows a malformed code at its field', async () => {
    await requestPhone(NEW_PHONE);
    const { status, errors } = await visitor.submit({ code: '12' }, { button: 'Change number' });
    expect([status, errors]).toEqual([422, { code: 'The code has six digits.' }]);
  });

  test('asks for no code once it has expired', async () => {
    await requestPhone(NEW_PHONE);
    room.advance(16 * 60);
    expect((await visitor.visit(PATH)).text).not.toContain('Waiting');
  });

  test('says that the number is taken meanwhile', async () => {
    await requestPhone(NEW_PHONE);
    const { code = '' } = await room.message();
    const other = await room.newPhoneUser(NEW_PHONE);
    await room.verify(other.token, 'phone');
    await visitor.visit(PATH);
    const { status, alert } = await visitor.submit({ code }, { button: 'Change number' });
    expect([status, alert]).toEqual([400, 'This phone number already has an account.']);
  });

  test('changes nothing for a session that ends between the check and the change', async () => {
    await requestPhone(NEW_PHONE);
    const { code = '' } = await room.message();
    const { path, body } = visitor.filled({ code }, { button: 'Change number' });
    room.endSessionsOnceChecked();
    const answer = await visitor.post(path, body);
    expect(answer.status).toBeGreaterThan(299);
    const again = await room.tokenOf('ada@example.com', 'analytical engine');
    expect((await room.profile(again)).body.phone).toBeNull();
  });
});
