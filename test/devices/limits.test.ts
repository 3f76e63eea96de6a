// The limits by name let a device through, which has a limit of its own. Which operations take and answer its token.
import { describe, expect, test } from 'vitest';
import { createDeviceRoom, ELSEWHERE, PASSWORD, WRONG } from '../support/device-room.ts';
import { bearer, form, json } from '../support/test-app.ts';

const DAY = 86_400;

describe('the limits by name', () => {
  const LIMITS = { RATE_LIMIT_LOGIN: '5/60s' };

  test('[S68] used up by strangers, let the token of a device of the account through, which has a limit of its own', async () => {
    const room = await createDeviceRoom(LIMITS);
    const device_token = await room.deviceOf();
    room.advance(60);
    for (let i = 0; i < 6; i++) await room.ask({ password: WRONG });
    for (let i = 0; i < 20; i++) await room.ask({ password: WRONG }, `192.0.2.${i}`);
    expect(await room.statusOf({})).toBe(429);
    for (let i = 0; i < 5; i++) expect(await room.statusOf({ device_token })).toBe(200);
    const refused = await room.ask({ device_token });
    expect(refused.status).toBe(429);
    expect(refused.headers.get('RateLimit')).toContain('"login-device";r=0');
    room.advance(60);
    expect(await room.statusOf({ device_token })).toBe(200);
  });

  test('[S68] hold for the tokens of other accounts, unknown ones and unknown names, with the same answer', async () => {
    const room = await createDeviceRoom(LIMITS);
    const device_token = await room.deviceOf();
    const other = await room.newUser('other@example.com', PASSWORD);
    room.advance(60);
    const outcome = async (username: string, token: string) => {
      const statuses: number[] = [];
      for (let i = 0; i < 6; i++) {
        statuses.push(await room.statusOf({ username, password: WRONG, device_token: token }));
      }
      return statuses;
    };
    const expected = [400, 400, 400, 400, 400, 429];
    expect(await outcome(other.email, device_token)).toEqual(expected);
    expect(await outcome(room.email, 'unknown')).toEqual(expected);
    expect(await outcome('nobody@example.com', device_token)).toEqual(expected);
  });

  test('[S69] a token with too many wrong passwords is limited like a login without it', async () => {
    const room = await createDeviceRoom({ RATE_LIMIT_LOGIN: '8/60s' });
    const device_token = await room.deviceOf();
    room.advance(60);
    for (let i = 0; i < 5; i++) await room.ask({ password: WRONG, device_token });
    for (let i = 0; i < 8; i++) await room.ask({ password: WRONG, device_token });
    expect(await room.statusOf({ device_token })).toBe(429);
  });

  test('the limit by address holds with a token', async () => {
    const room = await createDeviceRoom({ RATE_LIMIT_LOGIN: '1/60s' });
    const device_token = await room.deviceOf();
    room.advance(60);
    const statuses: number[] = [];
    for (let i = 0; i < 40; i++) {
      statuses.push(await room.statusOf({ username: `${i}@example.com`, device_token }));
    }
    expect(statuses).toContain(429);
    expect(await room.statusOf({ device_token })).toBe(429);
  });

  test('let a code through with a token, too', async () => {
    const room = await createDeviceRoom(LIMITS);
    const device_token = await room.deviceOf();
    await room.verify(await room.tokenOf(room.email, PASSWORD));
    const { code } = await room.codeFor('/auth/code');
    for (let i = 0; i < 6; i++) await room.ask({ password: WRONG });
    const body = { username: room.email, code };
    expect((await room.post('/auth/code/login', body, {}, ELSEWHERE)).status).toBe(429);
    const answer = await room.post('/auth/code/login', { ...body, device_token }, {}, ELSEWHERE);
    expect(answer.status).toBe(200);
    expect(await answer.json()).toMatchObject({ device_token });
  });
});

describe('the other logins', () => {
  test('POST /api/v1/auth/login takes a token, also null, and answers one in data', async () => {
    const room = await createDeviceRoom();
    const ask = async (device_token: string | null) => {
      const body = { email: room.email, password: PASSWORD, device_token };
      const answer = await room.post('/api/v1/auth/login', body);
      return ((await answer.json()) as { data: { device_token: string } }).data.device_token;
    };
    const token = await ask(null);
    expect(token).toMatch(/^[\w-]{43}$/);
    expect(await ask(token)).toBe(token);
    await room.lock();
    expect(await room.deviceOf({ device_token: token }, ELSEWHERE)).toBe(token);
  });

  test('POST /api/v1/auth/signup answers a token that works', async () => {
    const room = await createDeviceRoom();
    const phone = '9876543210';
    const answer = await room.post('/api/v1/auth/signup', { phone, password: PASSWORD });
    const { data } = (await answer.json()) as { data: { device_token: string } };
    const { device_token } = data;
    expect(await room.deviceOf({ username: phone, device_token })).toBe(device_token);
  });

  test('POST /auth/reauthenticate renews the token, or answers a new one', async () => {
    const room = await createDeviceRoom();
    const device_token = await room.deviceOf();
    const token = await room.tokenOf(room.email, PASSWORD);
    room.advance(1800);
    const ask = async (body: Record<string, string>) => {
      const init = json('POST', { password: PASSWORD, ...body }, bearer(token));
      return (await room.send('/auth/reauthenticate', init)).json() as Promise<
        Record<string, string>
      >;
    };
    expect((await ask({ device_token })).device_token).toBe(device_token);
    const other = (await ask({})).device_token ?? '';
    expect([device_token, '']).not.toContain(other);
    room.advance(90 * DAY - 60);
    expect(await room.deviceOf({ device_token })).toBe(device_token);
  });

  test('a client that knows no tokens logs in as before', async () => {
    const room = await createDeviceRoom();
    const answer = await room.send(
      '/auth/login',
      form({ username: room.email, password: PASSWORD }),
    );
    expect(await answer.json()).toMatchObject({ token_type: 'bearer', expires_in: 3600 });
  });
});
