import { expect, test } from 'vitest';
import { type Answer, uniqueEmail } from '../support/api.ts';
import { otherCode } from '../support/mail-room.ts';
import type { TimedApi } from '../support/movable-clock/api.ts';
import type { PostOffice } from '../support/post-office.ts';

const NEW_PASSWORD = 'go to the moon 1969';
const FORGOT = '/auth/password/forgot';
const RESET = '/auth/password/reset';
const MINUTE = 60;
const HOUR = 3600;
const DAY = 86_400;
const MILLISECOND = 0.001;

const codeOf = (answer: Answer): unknown => answer.at('code') ?? answer.status;

/** Links and codes over time. */
export const timedMessages = (newApi: () => TimedApi, post: () => PostOffice): void => {
  const send = (api: TimedApi, path: string, body: unknown, headers = {}) =>
    api.json('POST', path, body, headers);

  /**
   * Waits for a message. A delivery in flight keeps the time of the request that began it, so it does not see a message of
   * a later time. A further request then begins another delivery.
   */
  const receive = (api: TimedApi, to: string) =>
    post().receive(to, undefined, () => send(api, FORGOT, { username: uniqueEmail() }));

  /** Asks for a message, a minute after the one before. */
  async function ask(api: TimedApi, path: string, username: string) {
    api.advance(MINUTE);
    expect((await send(api, path, { username })).status).toBe(202);
    return receive(api, username);
  }

  async function newVerifiedAccount(api: TimedApi) {
    const account = await api.newAccount();
    await send(api, '/auth/verification', { channel: 'email' }, account.bearer);
    const { tokens } = await receive(api, account.email);
    const confirmed = await send(api, '/auth/verification/confirm', { token: tokens.verify });
    expect(confirmed.status).toBe(204);
    return account;
  }

  test('a reset link is valid for 60 minutes and a code for 15, to the millisecond', async () => {
    const api = newApi();
    const { email } = await api.newAccount();
    const { tokens, code } = await ask(api, FORGOT, email);
    const tryWith = async (proof: object) =>
      codeOf(await send(api, RESET, { ...proof, new_password: 'password' }));
    const byCode = { username: email, code };
    api.advance(15 * MINUTE - MILLISECOND);
    expect(await tryWith(byCode)).toBe('weak_password');
    api.advance(MILLISECOND);
    expect(await tryWith(byCode)).toBe('invalid_code');
    api.advance(45 * MINUTE - MILLISECOND);
    expect(await tryWith({ token: tokens.reset })).toBe('weak_password');
    api.advance(MILLISECOND);
    expect(await tryWith({ token: tokens.reset })).toBe('invalid_code');
  });

  test('at most one message a minute and five an hour are sent; the answer is the same', async () => {
    const api = newApi();
    const { email } = await api.newAccount();
    // From a network of strangers.
    api.address = '203.0.113.9';
    const shapes = new Set<string>();
    for (let i = 0; i < 7; i++) {
      for (let again = 0; again < 2; again++) {
        const { status, headers, text } = await send(api, FORGOT, { username: email });
        shapes.add(JSON.stringify([status, [...headers.keys()].sort(), text]));
      }
      if (i < 5) await receive(api, email);
      api.advance(MINUTE);
    }
    expect(shapes.size).toBe(1);
    api.advance(HOUR);
    await ask(api, FORGOT, email);
    expect(post().left()).toEqual([]);
  });

  test('[S63] after twenty wrong codes, across new ones, an account accepts links only for a day', async () => {
    const api = newApi();
    const { email } = await api.newAccount();
    const tryCode = async (code: string | undefined) => {
      // A guesser has many addresses; the limit of the name is tested elsewhere.
      api.advance(6);
      const body = { username: email, code, new_password: 'password' };
      return codeOf(await send(api, RESET, body));
    };
    let link: string | undefined;
    for (let i = 0; i < 4; i++) {
      const { code, tokens } = await ask(api, FORGOT, email);
      link = tokens.reset;
      for (let step = 1; step <= 5; step++) {
        expect(await tryCode(otherCode(code, step))).toBe('invalid_code');
      }
      expect(await tryCode(code)).toBe('invalid_code');
    }
    api.advance(HOUR);
    expect((await ask(api, FORGOT, email)).code).toBe(undefined);
    expect(link).toBeDefined();
    api.advance(DAY);
    const { code } = await ask(api, FORGOT, email);
    expect(await tryCode(code)).toBe('weak_password');
  });

  test('a login by code sets auth_time, and a change of address requires a recent one', async () => {
    const api = newApi();
    const { email, bearer } = await newVerifiedAccount(api);
    api.advance(10 * MINUTE + MILLISECOND);
    const next = uniqueEmail();
    const refused = await send(api, '/auth/email/change', { email: next }, bearer);
    expect([refused.status, codeOf(refused)]).toEqual([401, 'reauthentication_required']);
    const { code } = await ask(api, '/auth/code', email);
    const login = await send(api, '/auth/code/login', { username: email, code });
    expect(login.status).toBe(200);
    const fresh = { Authorization: `Bearer ${login.at('access_token')}` };
    api.advance(MINUTE);
    expect((await send(api, '/auth/email/change', { email: next }, fresh)).status).toBe(202);
    await receive(api, next);
    // A code re-authenticates the first session.
    api.advance(MINUTE);
    expect((await send(api, '/auth/reauthenticate/code', undefined, bearer)).status).toBe(202);
    const again = await receive(api, email);
    const proved = await send(api, '/auth/reauthenticate', { code: again.code }, bearer);
    expect(proved.status).toBe(200);
  });

  test('the owner undoes a change of address for 72 hours, also after a second change and a reset by the thief', async () => {
    const api = newApi();
    const owner = await newVerifiedAccount(api);
    const [first, second] = [uniqueEmail(), uniqueEmail()];
    const change = async (from: string, to: string, bearer: object) => {
      api.advance(MINUTE);
      expect((await send(api, '/auth/email/change', { email: to }, bearer)).status).toBe(202);
      const { tokens } = await receive(api, to);
      const confirmed = await send(api, '/auth/email/confirm', { token: tokens.change });
      expect(confirmed.status).toBe(204);
      return (await receive(api, from)).tokens.undo;
    };
    const undo = async (token: string | undefined) =>
      codeOf(await send(api, '/auth/email/undo', { token }));

    const ofOwner = await change(owner.email, first, owner.bearer);
    const ofThief = await change(first, second, owner.bearer);
    const { tokens } = await ask(api, FORGOT, second);
    const reset = { token: tokens.reset, new_password: NEW_PASSWORD };
    expect((await send(api, RESET, reset)).status).toBe(204);
    await receive(api, second);
    // Reserved: nobody else gets the address.
    const stranger = { email: owner.email, password: 'analytical engine' };
    expect(codeOf(await send(api, '/auth/signup', stranger))).toBe('email_taken');

    expect(await undo(ofOwner)).toBe(204);
    expect(await undo(ofOwner)).toBe('invalid_code');
    expect(await undo(ofThief)).toBe('invalid_code');
    for (const [name, password] of [
      [second, NEW_PASSWORD],
      [owner.email, NEW_PASSWORD],
      [owner.email, owner.password],
    ] as const) {
      expect(codeOf(await api.logIn(name, password))).toBe('wrong_email_or_password');
    }
    api.advance(HOUR);
    const again = await ask(api, FORGOT, owner.email);
    const own = { token: again.tokens.reset, new_password: 'mine again, at last' };
    expect((await send(api, RESET, own)).status).toBe(204);
    await receive(api, owner.email);
    expect((await api.logIn(owner.email, own.new_password)).status).toBe(200);
  });

  test('an undo link and a reservation end after 72 hours, to the millisecond', async () => {
    const api = newApi();
    const { email, bearer } = await newVerifiedAccount(api);
    const next = uniqueEmail();
    api.advance(MINUTE);
    await send(api, '/auth/email/change', { email: next }, bearer);
    const { tokens } = await receive(api, next);
    await send(api, '/auth/email/confirm', { token: tokens.change });
    const { undo } = (await receive(api, email)).tokens;
    const stranger = { email, password: 'analytical engine' };
    api.advance(72 * HOUR - MILLISECOND);
    expect(codeOf(await send(api, '/auth/signup', stranger))).toBe('email_taken');
    api.advance(MILLISECOND);
    expect(codeOf(await send(api, '/auth/email/undo', { token: undo }))).toBe('invalid_code');
    expect(codeOf(await send(api, '/auth/signup', stranger))).toBe(201);
  });

  test('no message came that no test expects', () => {
    expect(post().left()).toEqual([]);
  });
};
