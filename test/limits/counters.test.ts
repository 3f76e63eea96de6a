import { join } from 'node:path';
import { createClient } from '@libsql/client';
import { drizzle } from 'drizzle-orm/libsql';
import { migrate } from 'drizzle-orm/libsql/migrator';
import { describe, expect, test } from 'vitest';
import { limitHeaders, toVerdict } from '../../src/core/quota.ts';
import { isDeviceOfAccount } from '../../src/features/devices/statements.ts';
import { createMemoryLimiter } from '../../src/features/limits/memory.ts';
import { createRateLimitStore, type Hit } from '../../src/features/limits/store.ts';
import { emptyFolder } from '../support/server.ts';
import { MIGRATIONS } from '../support/test-app.ts';

const quota = { count: 5, seconds: 60 };
const hit = (key: string): Hit => ({ name: 'login', key, quota });

/** Creates several servers, each with its own connection to one database and its own clock. */
async function openServers(count: number) {
  const url = `file:${join(emptyFolder(), 'limits.db')}`;
  const clocks = Array.from({ length: count }, () => ({ now: Date.UTC(2026, 0, 1) }));
  const stores = [];
  for (const clock of clocks) {
    const db = drizzle({ client: createClient({ url, timeout: 5000 }) });
    await migrate(db, { migrationsFolder: MIGRATIONS });
    stores.push(createRateLimitStore(db, () => clock.now, isDeviceOfAccount));
  }
  return { clocks, stores };
}

describe('[S11] counters in the database', () => {
  test('of a burst at two servers on one database, exactly the quota passes', async () => {
    const { stores } = await openServers(2);
    const verdicts = await Promise.all(
      Array.from({ length: 40 }, (_, i) => stores[i % 2]?.take([hit('a')])),
    );
    const passed = verdicts.flat().filter((verdict) => verdict?.isOver === false);
    expect(passed).toHaveLength(5);
    expect(passed.map((verdict) => verdict?.remaining).sort()).toEqual([0, 1, 2, 3, 4]);
    for (const verdict of verdicts.flat()) expect(verdict?.resetSeconds).toBe(60);
  });

  test('a window begins with the first hit and ends on time; the next hit begins another one', async () => {
    const { clocks, stores } = await openServers(1);
    const [clock, store] = [clocks[0], stores[0]];
    if (!clock || !store) throw new Error('no server');
    for (let i = 0; i < 5; i++) {
      expect(await store.take([hit('a')])).toMatchObject([{ isOver: false, remaining: 4 - i }]);
    }
    clock.now += 59_999;
    expect(await store.take([hit('a')])).toMatchObject([{ isOver: true, resetSeconds: 1 }]);
    expect(await store.take([hit('b')])).toMatchObject([{ isOver: false }]);
    clock.now += 1;
    expect(await store.take([hit('a')])).toMatchObject([
      { isOver: false, remaining: 4, resetSeconds: 60 },
    ]);
  });

  test('a hit over the quota writes nothing, so a flood does not extend the window', async () => {
    const { clocks, stores } = await openServers(1);
    const [clock, store] = [clocks[0], stores[0]];
    if (!clock || !store) throw new Error('no server');
    for (let i = 0; i < 5; i++) await store.take([hit('a')]);
    for (let second = 1; second < 60; second++) {
      clock.now += 1000;
      expect(await store.take([hit('a')])).toMatchObject([
        { isOver: true, resetSeconds: 60 - second },
      ]);
    }
    clock.now += 1000;
    expect(await store.take([hit('a')])).toMatchObject([{ isOver: false }]);
  });

  test('two quotas in one call have separate counters and verdicts', async () => {
    const { stores } = await openServers(1);
    const wide: Hit = { name: 'signup', key: 'w', quota: { count: 7, seconds: 10 } };
    for (let i = 0; i < 5; i++) await stores[0]?.take([wide, hit('a')]);
    expect(await stores[0]?.take([wide, hit('a')])).toMatchObject([
      { name: 'signup', isOver: false, remaining: 1 },
      { name: 'login', isOver: true, remaining: 0 },
    ]);
  });

  test('a caller that one quota rejects uses up none of the following quotas', async () => {
    const { stores } = await openServers(1);
    const narrow: Hit = { name: 'password', key: 'n', quota: { count: 1, seconds: 10 } };
    await stores[0]?.take([narrow, hit('a')]);
    const before = (await stores[0]?.take([hit('a')]))?.[0]?.remaining ?? 0;
    for (let i = 0; i < 3; i++) {
      expect(await stores[0]?.take([narrow, hit('a')])).toMatchObject([
        { name: 'password', isOver: true },
      ]);
    }
    expect(await stores[0]?.take([hit('a')])).toMatchObject([{ remaining: before - 1 }]);
  });

  test('servers whose clocks differ by half a window still share one quota', async () => {
    const { clocks, stores } = await openServers(2);
    const [ahead] = clocks;
    if (ahead) ahead.now += 30_000;
    let passed = 0;
    for (let i = 0; i < 20; i++) {
      const [verdict] = (await stores[i % 2]?.take([hit('a')])) ?? [];
      if (verdict && !verdict.isOver) passed++;
    }
    expect(passed).toBe(5);
  });

  test('a clock that was set back by an hour does not lock callers out for an hour', async () => {
    const { clocks, stores } = await openServers(1);
    for (let i = 0; i < 5; i++) await stores[0]?.take([hit('a')]);
    if (clocks[0]) clocks[0].now -= 3_600_000;
    expect(await stores[0]?.take([hit('a')])).toMatchObject([{ isOver: false }]);
  });
});

describe('counters in memory', () => {
  const start = 1_000_000;

  test('exactly the quota passes in each window, for each key', () => {
    let now = start;
    const limiter = createMemoryLimiter('default', quota, () => now);
    const passed = (key: string) =>
      Array.from({ length: 9 }, () => limiter.take(key)).filter(({ isOver }) => !isOver).length;
    expect([passed('a'), passed('a'), passed('b')]).toEqual([5, 0, 5]);
    now += 59_999;
    expect(limiter.take('a')).toMatchObject({ isOver: true, resetSeconds: 1 });
    now += 1;
    expect(passed('a')).toBe(5);
    now -= 3_600_000;
    expect(passed('a')).toBe(5);
  });

  test('memory is bounded: if there are too many keys, the one whose window began first is evicted', () => {
    const limiter = createMemoryLimiter('default', quota, () => start, 3);
    for (const key of ['a', 'b', 'c']) for (let i = 0; i < 6; i++) limiter.take(key);
    expect(limiter.take('a').isOver).toBe(true);
    limiter.take('d');
    expect([limiter.take('b').isOver, limiter.take('c').isOver]).toEqual([true, true]);
    expect(limiter.take('a').isOver).toBe(false);
  });
});

test('the header fields report each quota; Retry-After is the longest wait for an exceeded one', () => {
  expect(limitHeaders([])).toEqual({});
  expect(limitHeaders([toVerdict('login', quota, 3, 41_200)])).toEqual({
    'RateLimit-Policy': '"login";q=5;w=60',
    RateLimit: '"login";r=2;t=42',
  });
  const over = [toVerdict('login', quota, 6, 100), toVerdict('wide', quota, 6, 9000)];
  expect(limitHeaders([...over, toVerdict('other', quota, 1, 60_000)])).toEqual({
    'RateLimit-Policy': '"login";q=5;w=60, "wide";q=5;w=60, "other";q=5;w=60',
    RateLimit: '"login";r=0;t=1, "wide";r=0;t=9, "other";r=4;t=60',
    'Retry-After': '9',
  });
});
