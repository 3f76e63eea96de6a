import { expect, test } from 'vitest';
import { type Account, type Answer, type Api, uniquePhone } from '../support/api.ts';
import { actions } from './session-client.ts';
import type { Part } from './suite.ts';

const WRONG = 'differential engine';
const NEW_PASSWORD = 'difference engine';

const logIn = (api: Api, { email, password }: Account, fields: Record<string, string> = {}) =>
  api.form('/auth/login', { username: email, password, ...fields });

const tokenOf = (answer: Answer): string => String(answer.at('device_token'));

/** Enters wrong passwords until the network is locked out of the account. */
async function lock(api: Api, account: Account): Promise<void> {
  for (let i = 0; i < 10; i++) await logIn(api, account, { password: WRONG });
  expect((await logIn(api, account)).status).toBe(400);
}

export const devices: Part = (api) => {
  test('[S68] a locked account accepts a login with the token of its device, and no other', async () => {
    const account = await api().newAccount();
    const device_token = tokenOf(await logIn(api(), account));
    const other = await api().newAccount();
    await lock(api(), account);
    for (const token of [tokenOf(await logIn(api(), other)), 'unknown', '']) {
      expect((await logIn(api(), account, { device_token: token })).status).toBe(400);
    }
    const answer = await logIn(api(), account, { device_token });
    expect([answer.status, tokenOf(answer)]).toEqual([200, device_token]);
  });

  test('[S68] the phone contract takes the token and answers it in `data`', async () => {
    const phone = uniquePhone();
    const password = 'analytical engine';
    const signUp = await api().json('POST', '/api/v1/auth/signup', { phone, password });
    const device_token = signUp.at('data.device_token');
    const ask = (fields: object) =>
      api().json('POST', '/api/v1/auth/login', { phone, password, ...fields });
    for (let i = 0; i < 10; i++) await ask({ password: WRONG });
    expect([(await ask({})).status, (await ask({ device_token: null })).status]).toEqual([
      401, 401,
    ]);
    const answer = await ask({ device_token });
    expect([answer.status, answer.at('data.device_token')]).toEqual([200, device_token]);
  });

  test('[S69] of 20 concurrent wrong passwords with a token, five count for the device, and it has no effect', async () => {
    const account = await api().newAccount();
    const device_token = tokenOf(await logIn(api(), account));
    const statuses = await Promise.all(
      Array.from({ length: 20 }, async () => {
        const answer = await logIn(api(), account, { password: WRONG, device_token });
        return answer.status;
      }),
    );
    expect(statuses).toEqual(statuses.map(() => 400));
    // The other fifteen have locked the network.
    expect((await logIn(api(), account, { device_token })).status).toBe(400);
    const events = await actions(api(), account);
    expect(
      events.filter((event) => event === 'lockout failure' || event === 'lockout success'),
    ).toHaveLength(1);
  });

  test('GET /auth/devices lists devices; DELETE /auth/devices/{id} removes one, which then has no effect', async () => {
    const account = await api().newAccount();
    const device_token = tokenOf(await logIn(api(), account));
    await logIn(api(), account, { device_token });
    const list = await api().get('/auth/devices', account.bearer);
    const items = list.at('items') as { id: string }[];
    expect(items).toHaveLength(2);
    const [{ id } = { id: '' }] = items;
    const remove = (bearer: Account['bearer'], of = id) =>
      api().request('DELETE', `/auth/devices/${of}`, { headers: bearer });
    expect((await remove(account.bearer, 'x'.repeat(129))).status).toBe(422);
    const stranger = await api().newAccount();
    expect((await remove(stranger.bearer)).status).toBe(404);
    expect((await remove(account.bearer)).status).toBe(204);
    expect((await remove(account.bearer)).status).toBe(404);
    await lock(api(), account);
    expect((await logIn(api(), account, { device_token })).status).toBe(400);
  });

  test('[S68] a password change ends all device tokens and answers a new one', async () => {
    const account = await api().newAccount();
    const device_token = tokenOf(await logIn(api(), account));
    const body = { current_password: account.password, new_password: NEW_PASSWORD };
    const change = await api().json('POST', '/auth/password/change', body, account.bearer);
    const changed = { ...account, password: NEW_PASSWORD };
    await lock(api(), changed);
    expect((await logIn(api(), changed, { device_token })).status).toBe(400);
    const answer = await logIn(api(), changed, { device_token: tokenOf(change) });
    expect([answer.status, tokenOf(answer)]).toEqual([200, tokenOf(change)]);
  });

  test('POST /auth/reauthenticate answers the token that it is given', async () => {
    const account = await api().newAccount();
    const device_token = tokenOf(await logIn(api(), account));
    const body = { password: account.password, device_token };
    const answer = await api().json('POST', '/auth/reauthenticate', body, account.bearer);
    expect([answer.status, tokenOf(answer)]).toEqual([200, device_token]);
  });
};
