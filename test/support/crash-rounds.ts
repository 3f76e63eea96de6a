import { setTimeout as delay } from 'node:timers/promises';
import { expect, type TestContext } from 'vitest';
import { startAttackLoad } from './attack-load.ts';
import { tallyOf } from './attack-tally.ts';
import { expectNothingLost, expectWhole } from './ledger.ts';
import { runProgram } from './program.ts';
import { attackSeed, seededNumbers } from './seeded.ts';
import { emptyFolder, type ServerName, startServer } from './server.ts';

const SETTINGS = {
  DATABASE_URL: 'file:./x.db',
  SECRET_KEY: 'a secret that outlives its servers',
  SEED_DEMO_USER: 'false',
  // A refresh whose response was lost is retried after the restart, which may take longer than the default grace
  // period.
  REFRESH_GRACE_SECONDS: '60',
};
const CLIENTS = 6;
const LONGEST_ROUND_MS = 500;
/** Timeout of a test with all its rounds. */
export const TIME_LIMIT_MS = 300_000;

/**
 * Kills a server repeatedly under load, at seeded random moments. After each restart, every acknowledged write must be
 * present, and no write may be partial.
 */
export async function killAgainAndAgain(
  name: ServerName,
  rounds: number,
  context: Pick<TestContext, 'task'>,
): Promise<void> {
  const seed = attackSeed();
  console.log(`${name}: the seed of the kills is ${seed}`);
  const random = seededNumbers(seed);
  const tally = tallyOf(context);
  const folder = emptyFolder();
  const url = `file:${folder}/x.db`;

  let server = await startServer(name, folder, SETTINGS);
  const load = startAttackLoad(server.baseUrl, CLIENTS, tally);
  for (let round = 0; round < rounds; round++) {
    await load.moreWrites(1);
    await delay(random() * LONGEST_ROUND_MS);
    server.kill('SIGKILL');
    tally.faults += 1;
    expect(await server.exit).toBe('SIGKILL');
    await load.pause();

    server = await startServer(name, folder, SETTINGS);
    await expectWhole(url, load.people);
    await expectNothingLost(server.baseUrl, load.people, tally);
    load.resume(server.baseUrl);
  }
  await load.moreWrites(CLIENTS);
  await load.pause();
  await expectNothingLost(server.baseUrl, load.people, tally);
  expect(server.output()).not.toMatch(/internal_error|database_unavailable/);
  await server.stop();

  await expectWhole(url, load.people);
  const check = await runProgram('check', [], folder, SETTINGS);
  expect([check.status, check.stderr]).toEqual([0, '']);
}
