import { describe, expect, test } from 'vitest';
import { createNetworkLimiter } from '../../src/features/limits/memory.ts';
import { createTestApp, form, json } from '../support/test-app.ts';

const PASSWORD = 'analytical engine';
const address = (subnet: number, host = 1): string => `2001:db8:1:${subnet.toString(16)}::${host}`;
const NEIGHBOUR_56 = address(0x1000);
const NEIGHBOUR_48 = '2001:db8:2::1';

/** Creates an app behind one proxy, and functions that send requests from an address. */
async function newRoom(settings: Record<string, string>) {
  const { app } = await createTestApp({ TRUSTED_PROXY_HOPS: '1', ...settings });
  let names = 0;
  const ask = (path: string, from: string, init: RequestInit = {}) => {
    const headers = new Headers(init.headers);
    headers.set('X-Forwarded-For', from);
    return app.request(path, { ...init, headers });
  };
  return {
    read: (from: string) => ask('/profile/me', from),
    logIn: (from: string) =>
      ask('/auth/login', from, form({ username: `n${++names}@example.com`, password: PASSWORD })),
    signUp: (from: string) =>
      ask(
        '/auth/signup',
        from,
        json('POST', { email: `n${++names}@example.com`, password: PASSWORD }),
      ),
  };
}

type Ask = (from: string) => Response | Promise<Response>;

/** Sends this many requests, each from the next /64. Returns how many are admitted. */
async function letIn(ask: Ask, count: number, from = 0): Promise<number> {
  let passed = 0;
  for (let i = 0; i < count; i++) {
    const { status } = await ask(address(from + i));
    if (status !== 429) passed++;
  }
  return passed;
}

/** @param ask sends a request that is allowed twice an hour from one network */
async function expectSharedQuota(ask: Ask, name: string): Promise<void> {
  // Two requests from one /64 are admitted. The rejected ones do not use up the quota of the wider networks.
  const own: Response[] = [];
  for (let i = 0; i < 6; i++) own.push(await ask(address(0, i + 1)));
  expect(own.map(({ status }) => status === 429)).toEqual([false, false, true, true, true, true]);
  expect(own[0]?.headers.get('RateLimit')).toContain(`"${name}";r=1;t=3600`);
  expect(own[0]?.headers.get('RateLimit-Policy')).toBe(`"${name}";q=2;w=3600`);
  // The quota of the /56 is eight, of which six are left. The quota of the /48 is 32.
  expect(await letIn(ask, 20, 1)).toBe(6);
  const wide = await ask(address(0x99));
  expect(wide.status).toBe(429);
  expect(wide.headers.get('Retry-After')).toBe('3600');
  expect(wide.headers.get('RateLimit')).toBe(`"${name}";r=0;t=3600`);
  expect(wide.headers.get('RateLimit-Policy')).toBe(`"${name}";q=8;w=3600`);
  expect((await ask(NEIGHBOUR_56)).status).not.toBe(429);
  // Uses up three more /56s. The 33rd request of the /48 is rejected.
  for (const subnet of [0x100, 0x200]) expect(await letIn(ask, 9, subnet)).toBe(8);
  expect(await letIn(ask, 9, 0x300)).toBe(7);
  const widest = await ask(address(0x400));
  expect(widest.headers.get('RateLimit-Policy')).toBe(`"${name}";q=32;w=3600`);
  expect(widest.status).toBe(429);
  expect((await ask(NEIGHBOUR_48)).status).not.toBe(429);
  expect((await ask('203.0.113.7')).status).not.toBe(429);
}

describe('[S47] a quota applies to a /64 once, to a /56 four times and to a /48 sixteen times', () => {
  test('for sign-ups', async () => {
    const { signUp } = await newRoom({ RATE_LIMIT_SIGNUP: '2/1h' });
    await expectSharedQuota(signUp, 'signup');
  });

  test('for logins by address', async () => {
    const { logIn } = await newRoom({ RATE_LIMIT_LOGIN_ADDRESS: '2/1h' });
    await expectSharedQuota(logIn, 'login-address');
  });

  test('for requests of any kind', async () => {
    const { read } = await newRoom({ RATE_LIMIT_DEFAULT: '2/1h' });
    await expectSharedQuota(read, 'default');
  });

  test('in memory, where a flood of /64s does not evict the counter of their /48', () => {
    const limiter = createNetworkLimiter('default', { count: 2, seconds: 60 }, () => 0);
    let passed = 0;
    for (let n = 0; n < 0x10000; n++) if (!limiter.take(address(n)).isOver) passed++;
    expect(passed).toBe(32);
  });
});
