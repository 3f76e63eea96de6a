import { expect, test } from 'vitest';
import { type Answer, uniqueEmail, uniquePhone } from '../support/api.ts';
import type { TimedApi } from '../support/movable-clock/api.ts';
import { loginOf, refresh } from './session-client.ts';
import type { TimedPart } from './timed-suite.ts';

const WRONG = 'not the password';
const NEW = 'go to the moon 1969';

const times = async (count: number, ask: (i: number) => Promise<Answer>): Promise<number[]> => {
  const statuses: number[] = [];
  for (let i = 0; i < count; i++) statuses.push((await ask(i)).status);
  return statuses;
};

const all = (count: number, status: number): number[] => Array<number>(count).fill(status);

/** Expects a 429 whose `Retry-After` is the end of the window. */
function expectLimited(answer: Answer, name: string, seconds: number): void {
  expect([answer.status, answer.at('code')]).toEqual([429, 'too_many_requests']);
  expect(answer.headers.get('Retry-After')).toBe(String(seconds));
  expect(answer.headers.get('RateLimit')).toContain(`"${name}";r=0;t=${seconds}`);
  expect(answer.headers.get('RateLimit-Policy')).toContain(`"${name}";q=`);
  expect(answer.headers.get('Content-Type')).toBe('application/problem+json');
}

export const limits: TimedPart = (newApi) => {
  const signUp = (api: TimedApi) =>
    api.json('POST', '/auth/signup', { email: uniqueEmail(), password: NEW });

  async function newLogin(api: TimedApi) {
    const { email, password } = await api.newAccount();
    return loginOf(await api.logIn(email, password));
  }

  test('[S11] [S12] the eleventh login with one name in a minute returns 429, in every spelling of the name', async () => {
    const api = newApi();
    const { email, password } = await api.newAccount();
    api.advance(60);
    const answers = await times(9, () => api.logIn(email, WRONG));
    expect(answers).toEqual(all(9, 400));
    const tenth = await api.logIn(email.toUpperCase(), password);
    expect(tenth.status).toBe(200);
    // The remaining count of logins with this name is hidden, because it would reveal how often others try the name.
    expect(tenth.headers.get('RateLimit')).toMatch(/^"login-address";r=\d+;t=60$/);
    expect(tenth.headers.get('RateLimit-Policy')).toBe('"login-address";q=60;w=60');
    api.advance(20);
    expectLimited(await api.logIn(email, password), 'login', 40);
    const byPhoneRoute = await api.json('POST', '/api/v1/auth/login', { email, password });
    expectLimited(byPhoneRoute, 'login', 40);
    const elsewhere = newApi();
    elsewhere.now = api.now;
    expect((await elsewhere.logIn(email, WRONG)).status).toBe(400);
    api.advance(40);
    expect((await api.logIn(email, password)).status).toBe(200);
  });

  test('[S11] of thirty concurrent logins with one name, ten succeed', async () => {
    const api = newApi();
    const email = uniqueEmail();
    const answers = await Promise.all(Array.from({ length: 30 }, () => api.logIn(email, WRONG)));
    const statuses = answers.map(({ status }) => status).sort();
    expect(statuses).toEqual([...all(10, 400), ...all(20, 429)]);
  });

  test('[S12] the 61st login from one address returns 429, whatever X-Forwarded-For the client sends', async () => {
    const api = newApi();
    expect(await times(60, () => api.logIn(uniqueEmail(), WRONG))).toEqual(all(60, 400));
    expectLimited(await api.logIn(uniqueEmail(), WRONG), 'login-address', 60);
    const own = api.address;
    api.address = `203.0.113.9, 198.51.100.7, ${own}`;
    expectLimited(await api.logIn(uniqueEmail(), WRONG), 'login-address', 60);
    api.address = '198.51.100.77';
    expect((await api.logIn(uniqueEmail(), WRONG)).status).toBe(400);
  });

  test('[S12] all addresses of an IPv6 /64 share one quota; the next /64 has its own', async () => {
    const api = newApi();
    const network = '2001:db8:64';
    for (let i = 0; i < 30; i++) {
      api.address = `${network}:1:${i.toString(16)}::${i + 1}`;
      expect((await signUp(api)).status).toBe(201);
    }
    api.address = `${network}:1:ffff:ffff:ffff:ffff`;
    expectLimited(await signUp(api), 'signup', 3600);
    api.address = `${network}:2::1`;
    expect((await signUp(api)).status).toBe(201);
  });

  test('[S11] sign-ups by both contracts share one quota: the 31st in an hour returns 429', async () => {
    const api = newApi();
    const byPhone = () =>
      api.json('POST', '/api/v1/auth/signup', { phone: uniquePhone(), password: NEW });
    expect(await times(30, (i) => (i % 2 ? byPhone() : signUp(api)))).toEqual(all(30, 201));
    expectLimited(await signUp(api), 'signup', 3600);
    expectLimited(await byPhone(), 'signup', 3600);
    api.advance(3600);
    expect((await signUp(api)).status).toBe(201);
  });

  test('[S11] the 61st refresh of a session in a minute returns 429, and the session stays live', async () => {
    const api = newApi();
    const account = await api.newAccount();
    const other = loginOf(await api.logIn(account.email, account.password));
    let login = loginOf(await api.logIn(account.email, account.password));
    for (let i = 0; i < 60; i++) login = loginOf(await refresh(api, login.refreshToken));
    expectLimited(await refresh(api, login.refreshToken), 'refresh', 60);
    expect((await refresh(api, other.refreshToken)).status).toBe(200);
    expect((await api.get('/profile/me', login.bearer)).status).toBe(200);
    api.advance(60);
    expect((await refresh(api, login.refreshToken)).status).toBe(200);
  });

  test('[S11] of eighty concurrent refreshes with one token, sixty succeed, and the session stays live', async () => {
    const api = newApi();
    const { refreshToken, bearer } = await newLogin(api);
    const answers = await Promise.all(Array.from({ length: 80 }, () => refresh(api, refreshToken)));
    const statuses = answers.map(({ status }) => status).sort();
    expect(statuses).toEqual([...all(60, 200), ...all(20, 429)]);
    expect((await api.get('/profile/me', bearer)).status).toBe(200);
    api.advance(60);
    const next = answers.find(({ status }) => status === 200);
    expect((await refresh(api, String(next?.at('refresh_token')))).status).toBe(200);
  });

  test('[S11] [S22] a refresh over the limit changes nothing, and the limit does not hide the replay of a used token', async () => {
    const api = newApi();
    const first = await newLogin(api);
    const second = loginOf(await refresh(api, first.refreshToken));
    expect(await times(59, () => refresh(api, first.refreshToken))).toEqual(all(59, 200));
    expectLimited(await refresh(api, second.refreshToken), 'refresh', 60);
    // The parent is still within its grace period, so it is limited with 429 and does not count as stolen.
    expectLimited(await refresh(api, first.refreshToken), 'refresh', 60);
    api.advance(5);
    expectLimited(await refresh(api, second.refreshToken), 'refresh', 55);
    api.advance(55);
    const third = loginOf(await refresh(api, second.refreshToken));
    expect(await times(59, () => refresh(api, second.refreshToken))).toEqual(all(59, 200));
    const stolen = await refresh(api, first.refreshToken);
    expect([stolen.status, stolen.at('code')]).toEqual([401, 'invalid_refresh_token']);
    expect((await refresh(api, third.refreshToken)).status).toBe(401);
    expect((await api.get('/profile/me', third.bearer)).status).toBe(401);
  });

  test('[S9] the eleventh password change in a minute returns 429', async () => {
    const api = newApi();
    const { bearer } = await api.newAccount();
    const change = () =>
      api.json(
        'POST',
        '/auth/password/change',
        { current_password: WRONG, new_password: NEW },
        bearer,
      );
    expect(await times(10, change)).toEqual(all(10, 400));
    expectLimited(await change(), 'password', 60);
  });

  test('[S46] when strangers use up their logins and are locked out, the owner can still do everything', async () => {
    const owner = newApi();
    const { email, password, bearer } = await owner.newAccount();
    owner.advance(60);
    // Twenty wrong passwords lock out all strangers; thirty reach the limit per name.
    for (let n = 0; n < 3; n++) {
      const stranger = newApi();
      stranger.now = owner.now;
      expect(await times(10, () => stranger.logIn(email, WRONG))).toEqual(all(10, 400));
    }
    const fourth = newApi();
    fourth.now = owner.now;
    expectLimited(await fourth.logIn(email, password), 'login-account', 60);
    expect((await owner.logIn(email, password)).status).toBe(200);
    const change = { current_password: password, new_password: NEW };
    const changed = await owner.json('POST', '/auth/password/change', change, bearer);
    expect(changed.status).toBe(200);
    const stranger = newApi();
    stranger.now = owner.now + 60_000;
    expect((await stranger.logIn(email, NEW)).status).toBe(200);
    const { events } = (await owner.get('/auth/activity', loginOf(changed).bearer)).body as {
      events: { action: string; outcome: string }[];
    };
    const count = (action: string) => events.filter((event) => event.action === action).length;
    expect(['lockout', 'new_network'].map(count)).toEqual([2, 1]);
    expect(events.filter(({ outcome }) => outcome === 'failure')).toHaveLength(20);
  });

  test('[S68] [S69] meanwhile the owner logs in from a new network by a device token, which has a limit of its own and expires after 90 days', async () => {
    const owner = newApi();
    const { email, password } = await owner.newAccount();
    const device_token = String((await owner.logIn(email, password)).at('device_token'));
    const from = (now: number): TimedApi => Object.assign(newApi(), { now });
    const byDevice = (api: TimedApi) =>
      api.form('/auth/login', { username: email, password, device_token });
    const day = 86_400_000;
    for (const now of [owner.now + 60_000, owner.now + 90 * day]) {
      for (let n = 0; n < 3; n++) await times(10, () => from(now).logIn(email, WRONG));
      expectLimited(await from(now).logIn(email, password), 'login-account', 60);
      expect(await times(10, () => byDevice(from(now)))).toEqual(all(10, 200));
      expectLimited(await byDevice(from(now)), 'login-device', 60);
    }
    const expired = owner.now + 180 * day;
    for (let n = 0; n < 20; n++) await from(expired).logIn(email, WRONG);
    expect((await byDevice(from(expired))).status).toBe(400);
  });

  test('[S13] wrong passwords lock the account for a time; meanwhile the correct one is rejected like a wrong one', async () => {
    const api = newApi();
    const { email, password, bearer } = await api.newAccount();
    api.advance(60);
    expect(await times(10, () => api.logIn(email, WRONG))).toEqual(all(10, 400));
    api.advance(60);
    expect((await api.logIn(email, WRONG)).status).toBe(400);
    api.advance(119);
    const locked = await api.logIn(email, password);
    expect([locked.status, locked.at('detail')]).toEqual([400, 'Incorrect email or password']);
    api.advance(1);
    expect((await api.logIn(email, password)).status).toBe(200);
    const { events } = (await api.get('/auth/activity', bearer)).body as {
      events: { action: string }[];
    };
    expect(events.filter(({ action }) => action === 'lockout')).toHaveLength(2);
  });
};
