import { describe, expect, test } from 'vitest';
import { parseConfig } from '../../src/config/config.ts';
import type { Database } from '../../src/core/db/database.ts';
import { createLogger } from '../../src/core/log.ts';
import { createOutbound } from '../../src/core/outbound.ts';
import { createDeps } from '../../src/deps.ts';
import { assemble } from '../../src/start-up.ts';
import { databases } from '../support/databases.ts';
import {
  addEvents,
  addManySessions,
  addSessions,
  eventTimes,
  removed,
  sessionIds,
} from '../support/old-rows.ts';
import { onLaptop } from '../support/settings.ts';
import { testSettings } from '../support/test-app.ts';

const DAY = 86_400_000;
const NOW = Date.UTC(2026, 0, 1, 12);
const SETTINGS = { SESSION_IDLE_DAYS: '2', AUDIT_RETENTION_DAYS: '10' };

/** Creates the housekeeping of a server over a database, at the time `NOW`. */
async function housekeepingIn(db: Database, logs: string[] = []) {
  const config = parseConfig({ ...testSettings, ...SETTINGS }, onLaptop);
  const log = createLogger('debug', (line) => logs.push(line));
  const readAsset = async () => undefined;
  const platform = { db, log, readAsset, fetch: createOutbound(fetch), clock: () => NOW };
  const deps = await createDeps(config, platform);
  return { run: assemble(deps).tick };
}

const ended = { lastUsedAt: NOW - 3 * DAY, expiresAt: NOW - DAY };
const live = { lastUsedAt: NOW, expiresAt: NOW + DAY };

describe.each(Object.entries(databases))('housekeeping on %s', (_, open) => {
  test('deletes a session at the millisecond of its idle or absolute end, and no live session', async () => {
    const db = await open();
    await addSessions(db, {
      'absolute-end': { lastUsedAt: NOW, expiresAt: NOW },
      'absolute-last-moment': { lastUsedAt: NOW, expiresAt: NOW + 1 },
      'idle-end': { lastUsedAt: NOW - 2 * DAY, expiresAt: NOW + DAY },
      'idle-last-moment': { lastUsedAt: NOW - 2 * DAY + 1, expiresAt: NOW + DAY },
      'both-ends': ended,
      'other-clock-ahead': { lastUsedAt: NOW + 5000, expiresAt: NOW + DAY },
    });
    const { run } = await housekeepingIn(db);
    expect(await run()).toEqual(removed({ sessions: 3 }));
    expect(await sessionIds(db)).toEqual([
      'absolute-last-moment',
      'idle-last-moment',
      'other-clock-ahead',
    ]);
  });

  test('deletes an event that is AUDIT_RETENTION_DAYS old, but not one that is a millisecond younger', async () => {
    const db = await open();
    const end = NOW - 10 * DAY;
    for (const at of [0, end - 1, end, end + 1, NOW]) await addEvents(db, 1, at);
    const { run } = await housekeepingIn(db);
    expect(await run()).toEqual(removed({ audit_events: 3 }));
    expect(await eventTimes(db)).toEqual([end + 1, NOW]);
  });

  test('deletes 2,500 rows of each kind and keeps the live ones; of two concurrent instances, only one deletes each row', async () => {
    const db = await open();
    await addManySessions(db, 2500, ended);
    await addManySessions(db, 700, live);
    await addEvents(db, 2500, 0);
    await addEvents(db, 30, NOW);
    const logs: string[] = [];
    const instances = [await housekeepingIn(db, logs), await housekeepingIn(db, logs)];
    const counts = await Promise.all(instances.map(({ run }) => run()));
    const sum = (name: string) => counts.reduce((total, count) => total + (count[name] ?? 0), 0);
    expect([sum('sessions'), sum('audit_events')]).toEqual([2500, 2500]);
    expect(await sessionIds(db)).toHaveLength(700);
    expect(await eventTimes(db)).toEqual(Array(30).fill(NOW));
    expect(logs.join()).not.toContain('housekeeping_failed');
  });
});
