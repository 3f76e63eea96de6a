// Checks that the attack tests would detect a loss: their results depend on it.
import { createClient } from '@libsql/client';
import { expect, onTestFinished, test } from 'vitest';
import { type Person, startAttackLoad } from '../support/attack-load.ts';
import { expectNothingLost, expectWhole } from '../support/ledger.ts';
import { emptyFolder, startServer } from '../support/server.ts';

/** Starts a server with a load, pauses the load, and returns a function that damages the data it has written. */
async function startAttacked() {
  const folder = emptyFolder();
  const settings = { DATABASE_URL: 'file:./x.db', SEED_DEMO_USER: 'false' };
  const { baseUrl } = await startServer('node', folder, settings);
  const tally = { requests: 0, faults: 0, acknowledged: 0, lost: 0 };
  const load = startAttackLoad(baseUrl, 2, tally);
  await load.moreWrites(30);
  await load.pause();
  const url = `file:${folder}/x.db`;
  const client = createClient({ url, timeout: 5000 });
  onTestFinished(() => client.close());
  const { people } = load;
  const person = people.find(({ written }) => written > 2);
  if (!person) throw new Error('Nobody has written');
  const spoil = (sql: string) => client.execute({ sql, args: [person.email] });
  const check = () => expectNothingLost(baseUrl, people, tally);
  return { url, people, person, tally, spoil, check };
}

const NOBODY: readonly Person[] = [];

test('undamaged data shows no loss', async () => {
  const { url, people, tally, check } = await startAttacked();
  await check();
  await expectWhole(url, people);
  expect(tally.lost).toBe(0);
  expect(tally.acknowledged).toBeGreaterThanOrEqual(30);
  await expect(expectWhole(url, NOBODY)).rejects.toThrow();
});

test.each([
  ['an account', 'delete from users where email = ?', 'the session of'],
  [
    'a session',
    'delete from sessions where user_id = (select id from users where email = ?)',
    '401',
  ],
  [
    'a write',
    "update users set bio = '1', name = 'Number 1' where email = ?",
    'into the profile of',
  ],
  [
    'a refresh',
    'update sessions set refresh_count = 0 where user_id = (select id from users where email = ?)',
    'a refresh of',
  ],
])('%s that is lost is detected and counted', async (_, sql, words) => {
  const { tally, spoil, check } = await startAttacked();
  await spoil(sql);
  await expect(check()).rejects.toThrow(words);
  expect(tally.lost).toBeGreaterThan(0);
});

test.each([
  ['a change without its event', 'update users set version = version + 1 where email = ?'],
  [
    'an event without its change',
    "delete from audit_events where action = 'signup' and subject_id = (select id from users where email = ?)",
  ],
  ['a missing account', 'update users set email = null where email = ?'],
])('%s is detected in the database', async (_, sql) => {
  const { url, people, spoil } = await startAttacked();
  await spoil(sql);
  await expect(expectWhole(url, people)).rejects.toThrow();
});
