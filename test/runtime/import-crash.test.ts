import { readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { describe, expect, test } from 'vitest';
import {
  DAMAGE,
  emailOf,
  importedIn,
  importIn,
  reader,
  reportOf,
  startImport,
  writeAccounts,
} from '../support/import-program.ts';
import { emptyFolder, startServer } from '../support/server.ts';
import { json } from '../support/test-app.ts';

const ROWS = 20_000;
const ARGS = ['pms', '--from', 'csv:a.csv'];
const WHOLE = { lost: 0, strangers: 0, unfinished: 0 };

async function folderWith(rows: number): Promise<string> {
  const folder = emptyFolder();
  await writeAccounts(join(folder, 'a.csv'), rows);
  return folder;
}

describe(`an import of ${ROWS} accounts`, () => {
  test('killed five times and started again, stores each account once', {
    timeout: 180_000,
  }, async () => {
    const folder = await folderWith(ROWS);
    const read = reader(folder);
    for (let kill = 1; kill <= 5; kill++) {
      const running = startImport(folder, ARGS);
      const enough = (ROWS / 8) * kill;
      while (running.isRunning() && (await importedIn(read)) < enough) await delay(2);
      running.kill('SIGKILL');
      expect([running.output(), await running.end]).toEqual(['', 'SIGKILL']);
      const [damage] = await read(DAMAGE);
      expect(damage).toMatchObject(WHOLE);
      expect(damage?.imported).toBeLessThan(ROWS);
    }
    const before = await importedIn(read);
    const { status, report } = await reportOf(folder, ARGS);
    expect([status, report.counts]).toMatchObject([
      0,
      { read: ROWS, imported: ROWS - before, already_imported: before },
    ]);
    expect(await read(DAMAGE)).toEqual([
      { ...WHOLE, imported: ROWS, users: ROWS, addresses: ROWS },
    ]);
    const sample = await read(
      'SELECT email_normalized FROM users JOIN imports ON user_id = id WHERE source_id IN (1, 9999, 20000) ORDER BY source_id + 0',
    );
    expect(sample.map(({ email_normalized }) => email_normalized)).toEqual(
      [1, 9999, ROWS].map((n) => emailOf(n)),
    );
  });

  test('ends with 130 after Ctrl-C and reports what it has done; the next run goes on', {
    timeout: 120_000,
  }, async () => {
    const folder = await folderWith(ROWS);
    const read = reader(folder);
    const running = startImport(folder, [...ARGS, '--report', 'r.json']);
    while ((await importedIn(read)) === 0) await delay(2);
    running.kill('SIGINT');
    expect(await running.end).toBe(130);
    expect(running.output()).toMatch(/^Finishing the batch in flight\. .*\n/);
    expect(running.output()).toMatch(/: interrupted; started again, it goes on\n/);
    const imported = await importedIn(read);
    expect(running.output()).toMatch(new RegExp(`^ {2}imported +${imported}$`, 'm'));
    expect(imported).toBeLessThan(ROWS);
    const { report } = await reportOf(folder, ARGS);
    expect(report.counts).toMatchObject({ imported: ROWS - imported, already_imported: imported });
  });

  test('ends at once after a second Ctrl-C, and leaves no report under its name', {
    timeout: 60_000,
  }, async () => {
    const folder = await folderWith(ROWS);
    const running = startImport(folder, [...ARGS, '--dry-run', '--report', 'r.json']);
    // Until it listens, one is enough.
    while (running.isRunning()) {
      await delay(100);
      running.kill('SIGINT');
      await delay(1);
      running.kill('SIGINT');
    }
    expect(['SIGINT', 130]).toContain(await running.end);
    expect(readdirSync(folder)).not.toContain('r.json');
  });

  test('twice at the same time stores each account once', { timeout: 180_000 }, async () => {
    const folder = await folderWith(ROWS);
    // Creates the database.
    writeFileSync(join(folder, 'none.csv'), 'id,email,hashed_password,name,bio\n');
    expect((await importIn(folder, ['pms', '--from', 'csv:none.csv'])).status).toBe(0);
    const [one, other] = await Promise.all([0, 1].map(() => startImport(folder, ARGS)));
    expect([await one?.end, await other?.end]).toEqual([0, 0]);
    expect(await reader(folder)(DAMAGE)).toEqual([
      { ...WHOLE, imported: ROWS, users: ROWS, addresses: ROWS },
    ]);
  });

  test('beside a server: who signs up first has the address, nobody loses an account', {
    timeout: 180_000,
  }, async () => {
    const folder = await folderWith(ROWS);
    const settings = {
      ...{ DATABASE_URL: 'file:./a.db', SECRET_KEY: 'x'.repeat(40), SEED_DEMO_USER: 'false' },
    };
    const { baseUrl, output } = await startServer('node', folder, settings);
    const running = startImport(folder, [...ARGS, '--skip-clashes', '--json']);
    const answers: (readonly [number, number])[] = [];
    for (let n = 1; running.isRunning() && n <= ROWS; n += 150) {
      const body = { email: emailOf(n).toUpperCase(), password: 'analytical engine' };
      const { status } = await fetch(`${baseUrl}/auth/signup`, json('POST', body));
      answers.push([n, status]);
    }
    expect(await running.end).toBe(0);
    const signedUp = answers.filter(([, status]) => status === 201).map(([n]) => n);
    const refused = answers.filter(([, status]) => status === 400);
    expect(signedUp.length + refused.length).toBe(answers.length);
    const report = JSON.parse(running.output());
    expect(report.counts).toMatchObject({
      ...{ imported: ROWS - signedUp.length, skipped: signedUp.length },
    });
    const skipped = report.accounts.map(({ id }: { id: string }) => Number(id));
    expect(skipped.toSorted((a: number, b: number) => a - b)).toEqual(signedUp);
    const [counts] = await reader(folder)(DAMAGE);
    expect(counts).toMatchObject({
      ...{ lost: 0, unfinished: 0, strangers: signedUp.length, users: ROWS, addresses: ROWS },
    });
    expect(output()).not.toMatch(/internal_error|database_unavailable/);
  });
});
