import { describe, expect, test } from 'vitest';
import { createClient, type Fetch, memoryTokens } from '../../src/client/client.ts';
import { problemOf, tokensOf } from '../support/client-user.ts';
import { createMailRoom } from '../support/mail-room.ts';

const email = 'ada@example.com';
const PASSWORD = 'analytical engine';
const NEW_PASSWORD = 'difference engine';

/** A client with a logged-in user, whose mail the test reads. `onSend` runs before each request of the client. */
async function createRoom() {
  const room = await createMailRoom();
  const store = memoryTokens();
  const changes: string[] = [];
  const signedOut: string[] = [];
  const sent: string[] = [];
  let onSend: (path: string) => unknown = () => {};
  const fetch: Fetch = async (url, init) => {
    await onSend(url);
    const { Authorization: bearer } = init.headers;
    sent.push(`${init.method} ${url}${bearer === undefined ? '' : ' as a user'}`);
    return room.app.request(url, init, { clientAddress: '203.0.113.7' });
  };
  const client = createClient({
    baseUrl: '',
    fetch,
    tokens: store,
    onSignedOut: (problem) => signedOut.push(problem.code),
  });
  client.onChange(({ type }) => changes.push(type));
  await client.signUp({ email, password: PASSWORD }, { login: true });
  sent.length = 0;

  /** The only message since the last call. */
  async function message() {
    const [first, ...others] = await room.received();
    if (!first || others.length > 0) throw new Error('expected one message');
    // At most one message a minute is sent.
    room.advance(60);
    return { token: '', ...first };
  }
  async function verifyEmail() {
    await client.requestVerification('email');
    await client.verify({ token: (await message()).tokens.verify ?? '' });
  }
  return {
    ...room,
    client,
    store,
    changes,
    signedOut,
    sent,
    message,
    verifyEmail,
    whileSending: (task: (path: string) => unknown) => {
      onSend = task;
    },
  };
}

describe('logInByCode', () => {
  test('stores the tokens of a new login, by link or by code', async () => {
    const { client, store, changes, message, verifyEmail } = await createRoom();
    await verifyEmail();
    for (const way of ['link', 'code'] as const) {
      await client.logOut();
      await client.requestLoginCode(email);
      const { tokens, code = '' } = await message();
      const proof = way === 'link' ? { token: tokens.login ?? '' } : { username: email, code };
      await client.logInByCode(proof);
      expect((await client.getProfile()).data).toMatchObject({ email, email_verified: true });
      expect((await client.refreshTokens())?.login).toBe((await tokensOf(store)).login);
      expect((await problemOf(client.logInByCode(proof))).code).toBe('invalid_code');
    }
    expect(changes).toEqual(['login', ...Array(2).fill(['logout', 'login', 'refresh']).flat()]);
  });

  test('replaces another login, and a wrong code keeps it', async () => {
    const { client, store, changes, message, verifyEmail } = await createRoom();
    await verifyEmail();
    const before = await tokensOf(store);
    await client.requestLoginCode(email);
    const { code = '' } = await message();
    const wrong = { username: email, code: code === '000000' ? '000001' : '000000' };
    const problem = await problemOf(client.logInByCode(wrong));
    expect([problem.status, problem.code]).toEqual([400, 'invalid_code']);
    expect(await tokensOf(store)).toEqual(before);
    await client.logInByCode({ username: email, code });
    expect((await tokensOf(store)).login).not.toBe(before.login);
    expect(changes).toEqual(['login', 'login']);
  });

  test('a logOut or an abort meanwhile stores nothing and ends the new session', async () => {
    const { client, store, changes, message, verifyEmail, whileSending, sent } = await createRoom();
    await verifyEmail();
    await client.requestLoginCode(email);
    const { tokens } = await message();
    let out: Promise<unknown> = Promise.resolve();
    whileSending((path) => {
      if (path === '/auth/code/login') out = client.logOut();
    });
    const [login] = await Promise.allSettled([client.logInByCode({ token: tokens.login ?? '' })]);
    await out;
    expect(login).toMatchObject({ status: 'rejected', reason: { name: 'AbortError' } });
    expect(await store.get()).toBeUndefined();
    const ended = () => sent.filter((request) => request === 'POST /auth/logout as a user').length;
    await expect.poll(ended).toBe(2);
    expect(changes).toEqual(['login', 'logout']);

    await client.requestLoginCode(email);
    const token = (await message()).tokens.login ?? '';
    const signal = AbortSignal.abort();
    await expect(client.logInByCode({ token }, { signal })).rejects.toThrow();
    expect(await store.get()).toBeUndefined();
  });
});

describe('recovery of the own account', () => {
  test('after a reset the stored session is over at its next use', async () => {
    const { client, store, changes, signedOut, message, sent } = await createRoom();
    expect(await client.forgotPassword(email)).toMatchObject({ status: 202, data: {} });
    const token = (await message()).tokens.reset ?? '';
    const weak = client.resetPassword({ token, new_password: 'password' });
    expect(await problemOf(weak)).toMatchObject({ status: 400, code: 'weak_password' });
    const done = await client.resetPassword({ token, new_password: NEW_PASSWORD });
    expect([done.status, done.data]).toEqual([204, undefined]);
    expect(await store.get()).toBeDefined();
    expect((await problemOf(client.getProfile())).code).toBe('invalid_refresh_token');
    expect(await store.get()).toBeUndefined();
    expect([changes, signedOut]).toEqual([['login', 'lost'], ['invalid_refresh_token']]);
    await client.logIn(email, NEW_PASSWORD);
    expect(sent.filter((request) => request.endsWith('as a user'))).toEqual([
      'GET /profile/me as a user',
    ]);
  });

  test('an ended session stops no call that needs no login', async () => {
    const { client, message, verifyEmail, signedOut, sent, advance } = await createRoom();
    await verifyEmail();
    await client.changeEmail('countess@example.com');
    const change = (await message()).tokens.change ?? '';
    await client.endSessions({ all: true });
    advance(7200);
    sent.length = 0;
    await client.forgotPassword(email);
    await client.requestLoginCode('nobody@example.com');
    for (const call of [
      () => client.verify({ token: 'x' }),
      () => client.resetPassword({ token: 'x', new_password: NEW_PASSWORD }),
      () => client.confirmEmail(change),
      () => client.undo('email', 'x'),
      () => client.undo('phone', 'x'),
      () => client.logInByCode({ token: 'x' }),
    ]) {
      expect((await problemOf(call())).code).toBe('invalid_code');
    }
    expect(sent.filter((request) => request.endsWith('as a user'))).toEqual([]);
    expect(sent).toHaveLength(8);
    expect(signedOut).toEqual([]);
    const code = '000000';
    const proof = { channel: 'email', code } as const;
    expect((await problemOf(client.verify(proof))).code).toBe('invalid_refresh_token');
    expect(signedOut).toEqual(['invalid_refresh_token']);
  });
});

describe('addresses', () => {
  test('verify by code, changeEmail, confirmEmail, undo', async () => {
    const { client, message, received, advance, changes } = await createRoom();
    await client.requestVerification('email');
    const { code = '' } = await message();
    expect((await client.verify({ channel: 'email', code })).status).toBe(204);
    const again = await problemOf(client.requestVerification('email'));
    expect([again.status, again.code]).toEqual([409, 'already_verified']);
    expect((await problemOf(client.requestVerification('phone'))).code).toBe('no_address');

    await client.changeEmail('countess@example.com');
    const confirmation = await message();
    expect(confirmation.to).toBe('countess@example.com');
    await client.confirmEmail(confirmation.tokens.change ?? '');
    expect((await client.getProfile()).data.email).toBe('countess@example.com');
    const notice = await message();
    expect(notice.to).toBe(email);
    const undo = notice.tokens.undo ?? '';
    expect((await problemOf(client.undo('phone', undo))).code).toBe('invalid_code');
    expect((await client.undo('email', undo)).status).toBe(204);
    expect((await problemOf(client.getProfile())).code).toBe('invalid_refresh_token');
    expect((await problemOf(client.logIn(email, PASSWORD))).status).toBe(400);

    advance(3600);
    await received();
    await client.forgotPassword(email);
    const token = (await message()).tokens.reset ?? '';
    await client.resetPassword({ token, new_password: NEW_PASSWORD });
    await client.logIn(email, NEW_PASSWORD);
    expect((await client.getProfile()).data).toMatchObject({ email, email_verified: true });
    expect(changes).toEqual(['login', 'lost', 'login']);
  });

  test('changePhone, confirmPhone, reauthenticate by code', async () => {
    const { client, message, verifyEmail, advance } = await createRoom();
    await verifyEmail();
    advance(700);
    const late = await problemOf(client.changePhone('+919876543210'));
    expect([late.status, late.code]).toEqual([401, 'reauthentication_required']);
    await client.requestReauthenticationCode();
    await client.reauthenticate({ code: (await message()).code ?? '' });
    await client.changePhone('+919876543210');
    const { to, code = '' } = await message();
    expect(to).toBe('+919876543210');
    expect((await client.confirmPhone(code)).status).toBe(204);
    expect((await client.getProfile()).data).toMatchObject({
      phone: '+919876543210',
      phone_verified: true,
    });
  });
});

test('a sign-up that is answered with 202 logs nobody in, taken or not', async () => {
  const { app, received, advance } = await createMailRoom({ SIGNUP_MODE: 'hidden' });
  const store = memoryTokens();
  const fetch: Fetch = async (url, init) => app.request(url, init);
  const client = createClient({ baseUrl: '', fetch, tokens: store });
  const phone = '+919876543210';
  for (const isNew of [true, false]) {
    const { status, data } = await client.signUp({ email, password: PASSWORD }, { login: true });
    expect([status, data]).toEqual([202, {}]);
    const answer = await client.signUpByPhone({ phone, password: PASSWORD });
    expect([answer.status, answer.data]).toEqual([202, {}]);
    const messages = await received();
    expect(messages.map(({ to }) => to)).toEqual([email, phone]);
    expect(messages.map(({ tokens }) => tokens.verify !== undefined)).toEqual([isNew, isNew]);
    advance(60);
  }
  expect(await store.get()).toBeUndefined();
});
