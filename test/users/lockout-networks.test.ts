import { eq } from 'drizzle-orm';
import { describe, expect, test } from 'vitest';
import { knownNetworks, loginFailures } from '../../src/core/db/account-schema.ts';
import { sessions, users } from '../../src/core/db/schema.ts';
import { eventsAt } from '../../src/features/audit/event.ts';
import { createTestApp, form, json, newUser } from '../support/test-app.ts';

const HOUR = 3600;
const DAY = 24 * HOUR;
const HOME = '198.51.100.7';
const OFFICE = '2001:db8:1:2::7';
const WRONG = 'wrong password';
const ORIGIN = { requestId: 'a request', address: null, network: null, userAgent: null };

/** An address in the nth network from which no account has logged in. */
const stranger = (n: number): string => `203.0.113.${n}`;

async function createRoom() {
  const room = await createTestApp();
  const account = await newUser(room.app);
  const tryFrom = async (clientAddress: string, password: string) => {
    const fields = form({ username: account.email, password });
    return (await room.app.request('/auth/login', fields, { clientAddress })).status;
  };
  const logsIn = async (address: string) => (await tryFrom(address, account.password)) === 200;
  const fail = async (address: string, times: number) => {
    for (let i = 0; i < times; i++) expect(await tryFrom(address, WRONG)).toBe(400);
  };
  const row = async () => {
    const [found] = await room.db.select().from(users).where(eq(users.id, account.id));
    return found;
  };
  return { ...room, account, logsIn, fail, row };
}

describe('[S46] strangers cannot lock the owner out', () => {
  test('a stranger’s lock applies only to their own network', async () => {
    const room = await createRoom();
    expect(await room.logsIn(HOME)).toBe(true);
    await room.fail(stranger(1), 10);
    expect(await room.logsIn(stranger(1))).toBe(false);
    expect(await room.logsIn(HOME)).toBe(true);
    await room.fail(stranger(1), 10);
    expect(await room.logsIn(stranger(2))).toBe(true);
  });

  test('twenty wrong passwords from several strangers lock out all unknown networks', async () => {
    const room = await createRoom();
    expect(await room.logsIn(HOME)).toBe(true);
    for (const n of [1, 2, 3, 4]) await room.fail(stranger(n), 5);
    expect(await room.logsIn(stranger(5))).toBe(false);
    expect(await room.logsIn(OFFICE)).toBe(false);
    expect(await room.logsIn(HOME)).toBe(true);
    // The successful login reset the count.
    expect(await room.logsIn(OFFICE)).toBe(true);
    expect(await room.db.select().from(loginFailures)).toEqual([]);
  });

  test('eighty from strangers lock out unknown networks for a month, not the owner', async () => {
    const room = await createRoom();
    expect(await room.logsIn(HOME)).toBe(true);
    for (let n = 0; n < 80; n++) {
      await room.fail(stranger(n), 1);
      if (n >= 19 && n < 79) room.advance(HOUR);
    }
    await room.fail(stranger(100), 5);
    expect(await room.row()).toMatchObject({ failedLogins: 80 });
    room.advance(25 * DAY);
    expect(await room.logsIn(stranger(101))).toBe(false);
    expect(await room.logsIn(HOME)).toBe(true);
  });

  test('known networks have twenty of their own, which strangers cannot use up', async () => {
    const room = await createRoom();
    expect(await room.logsIn(HOME)).toBe(true);
    expect(await room.logsIn(OFFICE)).toBe(true);
    await room.fail(HOME, 10);
    expect(await room.logsIn(HOME)).toBe(false);
    room.advance(HOUR);
    await room.fail(OFFICE, 9);
    await room.fail(HOME, 1);
    expect(await room.row()).toMatchObject({ knownFailures: 20, failedLogins: 0 });
    room.advance(2 * HOUR);
    expect([await room.logsIn(HOME), await room.logsIn(OFFICE)]).toEqual([false, false]);
    // Unknown networks still have the failures that are reserved for them.
    expect(await room.logsIn(stranger(1))).toBe(true);
    expect(await room.logsIn(HOME)).toBe(true);
  });

  test('a network is known for 90 days from its last login', async () => {
    const room = await createRoom();
    expect(await room.logsIn(HOME)).toBe(true);
    room.advance(90 * DAY - 1);
    for (const n of [1, 2, 3, 4]) await room.fail(stranger(n), 5);
    expect(await room.logsIn(HOME)).toBe(true);
    room.advance(90 * DAY);
    for (const n of [1, 2, 3, 4]) await room.fail(stranger(n), 5);
    expect(await room.logsIn(HOME)).toBe(false);
  });

  test('the addresses of one IPv6 /64 are one network', async () => {
    const room = await createRoom();
    expect(await room.logsIn(OFFICE)).toBe(true);
    for (const n of [1, 2, 3, 4]) await room.fail(stranger(n), 5);
    expect(await room.logsIn('2001:db8:1:3::7')).toBe(false);
    expect(await room.logsIn('2001:db8:1:2:ffff::1')).toBe(true);
  });

  test('concurrent wrong passwords from one network are each counted, up to the lock', async () => {
    const room = await createRoom();
    await Promise.all(Array.from({ length: 30 }, () => room.fail(stranger(1), 1)));
    expect(await room.row()).toMatchObject({ failedLogins: 10 });
    expect(await room.db.select().from(loginFailures)).toMatchObject([{ failures: 10 }]);
  });

  test('the network of a signup is known before the first login', async () => {
    const room = await createTestApp();
    const account = { email: 'grace@example.com', password: 'nanoseconds of wire' };
    await room.app.request('/auth/signup', json('POST', account), { clientAddress: HOME });
    const logIn = async (clientAddress: string, password: string) => {
      const fields = form({ username: account.email, password });
      return (await room.app.request('/auth/login', fields, { clientAddress })).status;
    };
    for (let n = 0; n < 20; n++) expect(await logIn(stranger(n), WRONG)).toBe(400);
    expect(await logIn(OFFICE, account.password)).toBe(400);
    expect(await logIn(HOME, account.password)).toBe(200);
  });

  test('networks from which a session was only used do not evict one with a login', async () => {
    const room = await createRoom();
    expect(await room.logsIn(HOME)).toBe(true);
    const [session] = await room.db.select().from(sessions);
    for (let n = 0; n < 60; n++) {
      room.advance(1);
      const event = eventsAt(room.deps.clock)(ORIGIN, room.account.id, 'new_network');
      const visit = { userId: room.account.id, network: `192.0.2.${n}`, event };
      await room.deps.sessions.changeNetwork(session?.id ?? '', visit);
    }
    const kept = (await room.db.select().from(knownNetworks)).map(({ network }) => network);
    expect(kept).toHaveLength(50);
    expect(kept).toContain(HOME);
  });

  test('an account keeps its fifty most recently used networks', async () => {
    const room = await createRoom();
    for (let n = 0; n < 52; n++) {
      room.advance(1);
      expect(await room.logsIn(stranger(n))).toBe(true);
    }
    const kept = (await room.db.select().from(knownNetworks)).map(({ network }) => network);
    expect(kept).toHaveLength(50);
    expect(kept).not.toContain(stranger(0));
    expect(kept).toContain(stranger(51));
  });
});

describe('[S46] strangers cannot use up the limit of a name for the owner', () => {
  const limited = { RATE_LIMIT_LOGIN: '10/60s', RATE_LIMIT_LOGIN_ADDRESS: 'off' };

  test('strangers use up only the limits of strangers, never of a known network', async () => {
    const room = await createTestApp(limited);
    const { email: username, password } = await newUser(room.app);
    const from = async (clientAddress: string, tried = WRONG) => {
      const fields = form({ username, password: tried });
      return room.app.request('/auth/login', fields, { clientAddress });
    };
    expect((await from(HOME, password)).status).toBe(200);
    room.advance(60);
    for (let i = 0; i < 10; i++) expect((await from(stranger(1))).status).toBe(400);
    const eleventh = await from(stranger(1));
    expect([eleventh.status, eleventh.headers.get('RateLimit')]).toEqual([429, '"login";r=0;t=60']);
    expect((await from(stranger(2))).status).toBe(400);
    for (let n = 3; n < 12; n++) {
      for (let i = 0; i < 5; i++) await from(stranger(n));
    }
    const unlucky = await from(stranger(13), password);
    expect([unlucky.status, unlucky.headers.get('RateLimit')]).toEqual([
      429,
      '"login-account";r=0;t=60',
    ]);
    const owner = await from(HOME, password);
    expect(owner.status).toBe(200);
    expect(owner.headers.get('RateLimit')).toBeNull();
  });

  test('[S14] a disabled account has the limits of an unknown name everywhere', async () => {
    const room = await createTestApp(limited);
    const { email, password, id } = await newUser(room.app);
    const from = async (clientAddress: string, username: string) => {
      const fields = form({ username, password });
      return (await room.app.request('/auth/login', fields, { clientAddress })).status;
    };
    expect(await from(HOME, email)).toBe(200);
    await room.db.update(users).set({ disabledAt: 1 }).where(eq(users.id, id));
    room.advance(60);
    for (const username of [email, 'nobody@example.com']) {
      for (let n = 0; n < 30; n++) expect(await from(stranger(n), username)).toBe(400);
      expect(await from(HOME, username)).toBe(429);
    }
  });

  test('at a known network, the limit per name and network applies', async () => {
    const room = await createTestApp(limited);
    const { email: username, password } = await newUser(room.app);
    const logIn = async () => {
      const fields = form({ username, password });
      return (await room.app.request('/auth/login', fields, { clientAddress: HOME })).status;
    };
    const answers = [];
    for (let i = 0; i < 12; i++) answers.push(await logIn());
    expect(answers).toEqual([...Array<number>(10).fill(200), 429, 429]);
  });
});
