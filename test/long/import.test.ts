import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { expect, test } from 'vitest';
import {
  DAMAGE,
  importedIn,
  reader,
  startImport,
  textOf,
  writeAccounts,
} from '../support/import-program.ts';
import { peakMemory } from '../support/memory.ts';
import { emptyFolder } from '../support/server.ts';

const ROWS = 1_000_000;
const KILLS = 5;
/** In megabytes: the caches of two databases, which 20,000 accounts fill by half, and garbage. */
const MAX_MEMORY = 380;
const SAMPLE_MS = 20;

/** Waits for an import, and returns its peak memory in megabytes. */
async function watch(running: ReturnType<typeof startImport>): Promise<number> {
  let peak = 0;
  while (running.isRunning()) {
    try {
      peak = peakMemory(running.pid);
    } catch {
      // It has just ended.
    }
    await delay(SAMPLE_MS);
  }
  return peak;
}

test('a million accounts, killed five times on the way: each is there once, in flat memory', {
  timeout: 3_600_000,
}, async () => {
  const small = emptyFolder();
  await writeAccounts(join(small, 'a.csv'), 20_000);
  const args = ['pms', '--from', 'csv:a.csv'];
  const few = startImport(small, args);
  const smallPeak = await watch(few);
  expect(await few.end).toBe(0);

  const folder = emptyFolder();
  // The last ten thousand have the address of another account.
  await writeAccounts(join(folder, 'a.csv'), ROWS, (n) => `user${n % (ROWS - 10_000)}@example.com`);
  const read = reader(folder);
  for (let kill = 1; kill <= KILLS; kill++) {
    const running = startImport(folder, args);
    const enough = (ROWS / (KILLS + 2)) * kill;
    while (running.isRunning() && (await importedIn(read)) < enough) await delay(50);
    running.kill('SIGKILL');
    expect([running.output(), await running.end]).toEqual(['', 'SIGKILL']);
    expect((await read(DAMAGE))[0]).toMatchObject({ lost: 0, strangers: 0, unfinished: 0 });
  }
  const before = await importedIn(read);
  const started = performance.now();
  const last = startImport(folder, [...args, '--skip-clashes', '--report', 'r.json']);
  const peak = await watch(last);
  expect([await last.end, last.output()]).toEqual([
    0,
    expect.stringMatching(/^ {2}read +1000000$/m),
  ]);
  const seconds = Math.round((performance.now() - started) / 1000);
  console.log(
    `The last run: ${seconds} s, ${before} accounts imported before it. Peak memory ${peak} MB; of 20,000 accounts ${smallPeak} MB.`,
  );
  const report = JSON.parse(textOf(folder, 'r.json'));
  expect(report.counts).toMatchObject({
    ...{ read: ROWS, imported: ROWS - 10_000 - before, already_imported: before, skipped: 10_000 },
    clashes: { email_twice: 10_000 },
  });
  expect(report.accounts).toHaveLength(10_000);
  expect(await read(DAMAGE)).toEqual([
    {
      ...{ lost: 0, strangers: 0, unfinished: 0, imported: ROWS - 10_000, users: ROWS - 10_000 },
      addresses: ROWS - 10_000,
    },
  ]);
  expect(smallPeak).toBeLessThan(MAX_MEMORY);
  expect(peak).toBeLessThan(MAX_MEMORY);
});
