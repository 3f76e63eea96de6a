import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createWriteStream, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { createClient } from '@libsql/client';
import { onTestFinished } from 'vitest';
import { HASH } from './import-room.ts';
import { bareEnvironment } from './process.ts';
import { type ProgramResult, programPath, runProgram } from './program.ts';

export const DATABASE = 'file:./a.db';
const ROWS_AT_ONCE = 1000;

/** The email address of row `n` of {@link writeAccounts}. Neighbours are not neighbours in an index. */
export const emailOf = (n: number): string =>
  `${Math.imul(n, 2_654_435_761) >>> 0}.user${n}@example.com`;

/** Writes accounts as the Profile Management System exports them. */
export async function writeAccounts(
  path: string,
  count: number,
  emailAt: (n: number) => string = emailOf,
): Promise<void> {
  const file = createWriteStream(path);
  file.write('id,email,hashed_password,name,bio\r\n');
  for (let from = 1; from <= count; from += ROWS_AT_ONCE) {
    let text = '';
    for (let n = from; n < Math.min(from + ROWS_AT_ONCE, count + 1); n++) {
      text += `${n},${emailAt(n)},${HASH},"User, number ${n}",Bio of ${n}\r\n`;
    }
    if (!file.write(text)) await once(file, 'drain');
  }
  await new Promise<void>((done) => file.end(done));
}

/** Runs `latchkey import` in a folder, and waits for its end. */
export const importIn = (
  folder: string,
  args: readonly string[],
  settings: Record<string, string> = {},
): Promise<ProgramResult> =>
  runProgram('latchkey', ['import', ...args], folder, { DATABASE_URL: DATABASE, ...settings });

/** Runs it and parses the JSON that it prints. */
export async function reportOf(folder: string, args: readonly string[]) {
  const { status, stdout, stderr } = await importIn(folder, [...args, '--json']);
  return { status, stderr, report: JSON.parse(stdout) };
}

/** Starts `latchkey import` without waiting. */
export function startImport(folder: string, args: readonly string[]) {
  const child: ChildProcess = spawn(
    process.execPath,
    [programPath('latchkey'), 'import', ...args],
    {
      cwd: folder,
      env: { ...bareEnvironment(), DATABASE_URL: DATABASE },
      stdio: ['ignore', 'pipe', 'pipe'],
    },
  );
  let output = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream?.setEncoding('utf8').on('data', (text: string) => {
      output += text;
    });
  }
  const end = once(child, 'close') as Promise<[number | null, NodeJS.Signals | null]>;
  onTestFinished(() => void child.kill('SIGKILL'));
  return {
    pid: child.pid ?? -1,
    kill: (signal: NodeJS.Signals) => child.kill(signal),
    /** The exit code, or the signal. */
    end: end.then(([code, signal]) => code ?? signal),
    output: () => output,
    isRunning: () => child.exitCode === null && child.signalCode === null,
  };
}

/** Reads a database file while others write it. */
export function reader(folder: string) {
  const client = createClient({ url: `file:${join(folder, 'a.db')}`, timeout: 5000 });
  onTestFinished(() => client.close());
  return async (sql: string) => (await client.execute(sql)).rows.map((row) => ({ ...row }));
}

/** The number of imported accounts; 0 as long as there is no database. */
export async function importedIn(read: ReturnType<typeof reader>): Promise<number> {
  try {
    return Number((await read('SELECT count(*) AS n FROM imports'))[0]?.n);
  } catch {
    return 0;
  }
}

/** Counts accounts that an import has damaged: each has its own row of `imports`, and each row its account. */
export const DAMAGE = `SELECT
  (SELECT count(*) FROM imports LEFT JOIN users ON users.id = user_id WHERE users.id IS NULL) AS lost,
  (SELECT count(*) FROM users WHERE id NOT IN (SELECT user_id FROM imports)) AS strangers,
  (SELECT count(*) FROM imports WHERE user_id < 0) AS unfinished,
  (SELECT count(*) FROM imports) AS imported,
  (SELECT count(*) FROM users) AS users,
  (SELECT count(DISTINCT email_normalized) FROM users) AS addresses`;

export const textOf = (folder: string, name: string): string =>
  readFileSync(join(folder, name), 'utf8');
