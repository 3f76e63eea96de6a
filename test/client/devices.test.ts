// The client keeps the token of its device, and sends it with each login.
import { describe, expect, test } from 'vitest';
import {
  createClient,
  type Fetch,
  memoryTokens,
  type TokenStore,
  webStorageTokens,
} from '../../src/client/client.ts';
import { createTestApp } from '../support/test-app.ts';

const password = 'analytical engine';
const ADA = 'ada@example.com';
const GRACE = 'grace@example.com';

/** The body of a request, whether a form or JSON. */
const bodyOf = (text = ''): Record<string, unknown> =>
  text.startsWith('{') ? JSON.parse(text) : Object.fromEntries(new URLSearchParams(text));

async function createRoom(tokens: TokenStore = memoryTokens()) {
  const room = await createTestApp();
  const sent: unknown[] = [];
  const answered: unknown[] = [];
  const errors: unknown[] = [];
  const fetch: Fetch = async (url, init) => {
    const answer = await room.app.request(url, init);
    const body: unknown = await answer
      .clone()
      .json()
      .catch(() => ({}));
    const { device_token } = { device_token: undefined, ...(body as object) };
    if (device_token) {
      sent.push(bodyOf(String(init.body)).device_token);
      answered.push(device_token);
    }
    return answer;
  };
  const open = (store = tokens) =>
    createClient({
      baseUrl: '',
      fetch,
      tokens: store,
      onStoreError: (error) => errors.push(error),
    });
  const client = open();
  for (const email of [ADA, GRACE]) await client.signUp({ email, password });
  return { ...room, client, open, sent, answered, errors };
}

describe('device tokens of the client', () => {
  test('are sent with the next login of the same account, in every spelling, also after a logout', async () => {
    const { client, sent, answered } = await createRoom();
    await client.logIn(ADA, password);
    await client.logOut();
    await client.logIn(` ${ADA.toUpperCase()} `, password);
    expect(sent).toEqual([undefined, answered[0]]);
    expect(answered[1]).toBe(answered[0]);
  });

  test('of several accounts are kept apart', async () => {
    const { client, sent, answered } = await createRoom();
    for (const name of [ADA, GRACE, ADA, GRACE]) await client.logIn(name, password);
    expect(sent).toEqual([undefined, undefined, answered[0], answered[1]]);
  });

  test('are replaced by a password change and sent with a re-authentication', async () => {
    const { client, sent, answered } = await createRoom();
    await client.logIn(ADA, password);
    await client.changePassword({ current_password: password, new_password: 'difference engine' });
    await client.reauthenticate({ password: 'difference engine' });
    await client.logOut();
    await client.logIn(ADA, 'difference engine');
    expect(sent).toEqual([undefined, undefined, answered[1], answered[1]]);
    expect(answered[1]).not.toBe(answered[0]);
  });

  test('outlive the page in a web storage, whose tokens of older versions are still read', async () => {
    const items = new Map<string, string>();
    const storage = {
      getItem: (key: string) => items.get(key) ?? null,
      setItem: (key: string, value: string) => void items.set(key, value),
      removeItem: (key: string) => void items.delete(key),
    };
    const { client, open, sent, answered } = await createRoom(webStorageTokens(storage));
    await client.logIn(ADA, password);
    items.delete('latchkey.devices');
    expect((await open().getProfile()).data.email).toBe(ADA);
    await client.logIn(ADA, password);
    await client.logOut();
    expect([...items.keys()]).toEqual(['latchkey.devices']);
    await open().logIn(ADA, password);
    expect(sent).toEqual([undefined, undefined, answered[1]]);
    items.set('latchkey.devices', '[5, {"account":1}, null]');
    await open().logIn(ADA, password);
    items.set('latchkey.devices', '{');
    await open().logIn(ADA, password);
    expect(sent.slice(3)).toEqual([undefined, undefined]);
  });

  test('are kept in memory with a store that has no place for them', async () => {
    const { get, set } = memoryTokens();
    const { client, sent, answered } = await createRoom({ get, set });
    await client.logIn(ADA, password);
    await client.logIn(ADA, password);
    expect(sent).toEqual([undefined, answered[0]]);
  });

  test('of the last four accounts are kept', async () => {
    const { client, sent } = await createRoom();
    await client.logIn(ADA, password);
    for (const name of ['a', 'b', 'c', 'd']) {
      await client.signUp({ email: `${name}@example.com`, password }, { login: true });
    }
    await client.logIn(ADA, password);
    expect(sent.at(-1)).toBeUndefined();
  });

  test('that cannot be read or written do not make a login fail', async () => {
    const error = new Error('the storage is full');
    const fail = () => {
      throw error;
    };
    const { client, errors } = await createRoom({
      ...memoryTokens(),
      devices: { get: fail, set: fail },
    });
    await client.logIn(ADA, password);
    expect((await client.getProfile()).data.email).toBe(ADA);
    expect(new Set(errors)).toEqual(new Set([error]));
  });

  test('in the envelope of the phone contract are kept as well', async () => {
    const { client } = await createRoom();
    await client.signUpByPhone({ phone: '9876543210', password });
    const { data } = await client.logInByPhone({ phone: '9876543210', password });
    const again = await client.logInByPhone({ phone: '9876543210', password });
    expect(again.data.data.device_token).toBe(data.data.device_token);
  });

  test('can be listed and removed', async () => {
    const { client, answered } = await createRoom();
    await client.logIn(ADA, password);
    const { data } = await client.listDevices();
    expect(data.items).toHaveLength(1);
    await client.removeDevice(data.items[0]?.id ?? '');
    expect((await client.listDevices()).data.items).toEqual([]);
    await client.logIn(ADA, password);
    expect(answered[1]).not.toBe(answered[0]);
  });
});
