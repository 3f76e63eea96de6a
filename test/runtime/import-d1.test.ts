import { existsSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { d1Project } from '../support/d1-project.ts';
import { importIn, startImport, writeAccounts } from '../support/import-program.ts';
import { emptyFolder } from '../support/server.ts';

const STATEMENT_LIMIT = 100_000;
const FILE_LIMIT = 4_100_000;
const HOSTILE = `'); DROP TABLE users; -- "x" ? ; नमस्ते 🗝️`;

/** Creates a project with a migrated local D1 database, to which it applies SQL files by wrangler. */
async function project() {
  const { folder, wrangler } = await d1Project();
  return {
    folder,
    apply: (file: string) => wrangler('execute', 'DB', '--local', '--yes', '--file', file),
    async query(sql: string): Promise<readonly Record<string, unknown>[]> {
      const text = await wrangler('execute', 'DB', '--local', '--json', '--command', sql);
      return (JSON.parse(text) as { results: Record<string, unknown>[] }[])[0]?.results ?? [];
    },
  };
}

const filesOf = (folder: string): string[] =>
  readdirSync(folder)
    .sort()
    .map((name) => join(folder, name));

const SUMMARY = `SELECT
  (SELECT count(*) FROM users) AS users,
  (SELECT count(*) FROM imports WHERE user_id > 0) AS imported,
  (SELECT count(*) FROM imports WHERE user_id IS NULL) AS others,
  (SELECT count(*) FROM imports WHERE user_id < 0) AS unfinished,
  (SELECT count(*) FROM users JOIN imports ON user_id = id) AS joined,
  (SELECT count(*) FROM audit_events WHERE action = 'accounts_import') AS events`;

describe('latchkey import --d1', () => {
  test('writes files that wrangler applies to D1; applied again, they change nothing more', {
    timeout: 240_000,
  }, async () => {
    const { folder, apply, query } = await project();
    await writeAccounts(join(folder, 'a.csv'), 1500);
    const long = `"${'नी'.repeat(4970)}${HOSTILE.replaceAll('"', '""')}"`;
    writeFileSync(
      join(folder, 'a.csv'),
      `1501,long@example.com,,${long.slice(0, 100)}",${long}\r\n`,
      {
        flag: 'a',
      },
    );
    const { status, stdout, stderr } = await importIn(
      folder,
      ['pms', '--from', 'csv:a.csv', '--d1', 'out'],
      { DATABASE_URL: '' },
    );
    expect([status, stdout]).toEqual([0, expect.stringMatching(/^ {2}imported +1501$/m)]);
    expect(stderr).toContain(
      "SELECT source_id FROM imports WHERE source = 'pms' AND user_id IS NULL",
    );
    expect(stderr).toMatch(
      /for file in '.*\/out'\/\*\.sql; do npx wrangler d1 execute DB --remote/,
    );
    expect([statSync(join(folder, 'out')).mode & 0o777, existsSync(join(folder, 'data'))]).toEqual([
      ...[0o700, false],
    ]);
    const files = filesOf(join(folder, 'out'));
    expect(files.map((path) => path.slice(-8))).toEqual(['0001.sql', '0002.sql']);
    for (const path of files) {
      const text = readFileSync(path, 'utf8');
      expect(statSync(path).mode & 0o777).toBe(0o600);
      expect(text.length).toBeLessThan(FILE_LIMIT);
      expect(text).not.toMatch(/DROP|नी|example\.com/);
      for (const line of text.split('\n')) expect(line.length).toBeLessThan(STATEMENT_LIMIT);
    }

    // Somebody in D1 has the address of account 3 already.
    await query(
      `INSERT INTO users (email, email_normalized, created_at, updated_at)
        SELECT 'x', email, 1, 1 FROM (SELECT '${emailIn(folder, 3)}' AS email)`,
    );
    for (const path of files) await apply(path);
    const done = { users: 1501, imported: 1500, others: 1, unfinished: 0, joined: 1500, events: 1 };
    const [first] = await query(
      `${SUMMARY},
        (SELECT group_concat(source_id) FROM imports WHERE user_id IS NULL) AS refused,
        bio, password_hash FROM users WHERE email = 'long@example.com'`,
    );
    expect(first).toEqual({
      ...done,
      ...{ refused: '3', password_hash: null },
      bio: expect.stringMatching(/^(नी){4970}'\); DROP TABLE users/),
    });

    // A deleted account does not come back; a free address is taken by the next application.
    await query(
      `DELETE FROM users
        WHERE email = 'x' OR id = (SELECT user_id FROM imports WHERE source_id = '7')`,
    );
    for (const path of files) await apply(path);
    expect(await query(SUMMARY)).toEqual([
      { ...done, users: 1500, imported: 1501, others: 0, joined: 1500 },
    ]);
  });

  test('keeps ids', { timeout: 120_000 }, async () => {
    const { folder, apply, query } = await project();
    const rows = ['id,email,hashed_password,name,bio', '70,a@example.com,,,', '8,b@example.com,,,'];
    writeFileSync(join(folder, 'a.csv'), rows.join('\n'));
    const args = ['pms', '--from', 'csv:a.csv', '--d1', 'out', '--keep-ids'];
    expect((await importIn(folder, args)).status).toBe(0);
    for (const path of filesOf(join(folder, 'out'))) await apply(path);
    expect(await query('SELECT id, email FROM users ORDER BY id')).toEqual([
      { id: 8, email: 'b@example.com' },
      { id: 70, email: 'a@example.com' },
    ]);
  });

  test('writes nothing at a clash, in a dry run, or after Ctrl-C', async () => {
    const folder = emptyFolder();
    await writeAccounts(join(folder, 'a.csv'), 3000, (n) => `user${n % 2999}@example.com`);
    const args = ['pms', '--from', 'csv:a.csv', '--d1', 'out'];
    for (const more of [[], ['--dry-run']]) {
      const { status, stdout } = await importIn(folder, [...args, ...more]);
      expect([status, readdirSync(folder)]).toEqual([3, ['a.csv']]);
      expect(stdout).toContain('email_twice');
      expect(stdout).toMatch(/nothing was written|no file is written/);
    }
    const running = startImport(folder, args);
    while (running.isRunning() && readdirSync(folder).length === 1) {
      await new Promise((resolve) => setTimeout(resolve, 1));
    }
    running.kill('SIGINT');
    expect([130, 3]).toContain(await running.end);
    expect(readdirSync(folder)).toEqual(['a.csv']);
  });
});

/** The email address of an account in `a.csv`. */
function emailIn(folder: string, id: number): string {
  const text = readFileSync(join(folder, 'a.csv'), 'utf8');
  return new RegExp(`^${id},([^,]+),`, 'm').exec(text)?.[1] ?? '';
}
