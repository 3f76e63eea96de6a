import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import Database from 'libsql';
import { DEFAULT_ROUNDS } from '../../src/config/bounds.ts';
import { createPasswordHasher } from '../../src/features/passwords/password-hash.ts';
import { bareEnvironment } from '../../test/support/process.ts';
import { PASSWORD } from '../accounts.ts';
import { ROOT } from '../root.ts';

export const SESSIONS_EACH = 5;

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
/** Rows per statement. Progress is reported between statements. */
const CHUNK = 50_000;

export const emailOf = (userId: number): string => `user${userId}@example.com`;

/**
 * Fills a new database file with users and their sessions. Uses SQL, because sign-ups would take a day. The file has
 * the migrated schema and rows like those that the API writes, except that all users share one password hash. The
 * sessions were last used an hour ago.
 *
 * @param onStep called with the completed share, 0 to 1
 */
export async function seedDatabase(
  path: string,
  users: number,
  onStep: (share: number) => void,
): Promise<void> {
  migrate(path);
  const passwordHash = await createPasswordHasher(DEFAULT_ROUNDS).hash(PASSWORD);
  const db = new Database(path);
  try {
    // No other process uses the file, and an unfinished file is discarded, so durability does not matter.
    for (const pragma of ['journal_mode = OFF', 'synchronous = OFF', 'cache_size = -500000']) {
      db.pragma(pragma);
    }
    const indexes = dropIndexes(db);
    const now = Date.now();
    const insertUsers = db.prepare(INSERT_USERS);
    const insertSessions = db.prepare(INSERT_SESSIONS);
    for (let first = 1; first <= users; first += CHUNK) {
      const last = Math.min(users, first + CHUNK - 1);
      insertUsers.run({ first, last, passwordHash, now });
      for (let each = 0; each < SESSIONS_EACH; each++) {
        insertSessions.run({
          ...{ first, last },
          usedAt: now - HOUR_MS - each,
          expiresAt: now + 29 * DAY_MS,
        });
        onStep((first - 1 + ((last - first + 1) * (each + 1)) / SESSIONS_EACH) / (users * 1.25));
        // Yields to the event loop, so that the progress is shown.
        await new Promise((resolve) => setImmediate(resolve));
      }
    }
    for (const sql of indexes) db.exec(sql);
    db.pragma('journal_mode = WAL');
    onStep(1);
  } finally {
    db.close();
  }
}

/** The casts are needed because the driver binds every number as REAL. */
const NUMBERS =
  'WITH RECURSIVE n(i) AS (SELECT cast(@first AS INTEGER) UNION ALL SELECT i + 1 FROM n WHERE i < @last)';

const INSERT_USERS = `${NUMBERS}
INSERT INTO users (id, email, email_normalized, password_hash, name, bio, created_at, updated_at)
SELECT i, 'user' || i || '@example.com', 'user' || i || '@example.com', @passwordHash, 'User ' || i,
  'A few words about user ' || i || ', as people write them.', @now, @now FROM n`;

/** The ids are random and 22 characters long, from the same alphabet as the ids that the API generates. */
const INSERT_SESSIONS = `${NUMBERS}
INSERT INTO sessions (id, user_id, refresh_count, rotated_at, created_at, last_used_at, expires_at, method)
SELECT lower(hex(randomblob(11))), i, 0, @usedAt, @usedAt, @usedAt, @expiresAt, 'password' FROM n`;

/** Runs the built program in a process of its own: a connection in this process would close at an unknown time. */
function migrate(path: string): void {
  const { status, stderr } = spawnSync(process.execPath, [join(ROOT, 'dist/runtime/migrate.js')], {
    env: { ...bareEnvironment(), DATABASE_URL: `file:${path}` },
    encoding: 'utf8',
  });
  if (status !== 0) throw new Error(`the database cannot be migrated: ${stderr}`);
}

/** Drops the indexes, because building them at the end is faster. Returns the statements that create them. */
function dropIndexes(db: Database.Database): string[] {
  const rows: unknown[] = db
    .prepare(
      `SELECT name, sql FROM sqlite_master WHERE type = 'index' AND sql IS NOT NULL AND tbl_name IN ('users', 'sessions')`,
    )
    .all();
  return rows.map((row) => {
    const [name, sql] = textsOf(row, 'name', 'sql');
    db.exec(`DROP INDEX "${name}"`);
    return sql ?? '';
  });
}

/** Returns members of a row, as strings. */
function textsOf(row: unknown, ...names: readonly string[]): string[] {
  const members = new Map(Object.entries(row ?? {}));
  return names.map((name) => String(members.get(name)));
}

/** A seeded session and its user. */
export interface SeededSession {
  readonly id: string;
  readonly userId: number;
}

/** Returns sessions spread evenly over the file, in random order. */
export function sampleSessions(path: string, count: number): SeededSession[] {
  const db = new Database(path, { readonly: true });
  try {
    const [max = ''] = textsOf(db.prepare('SELECT max(rowid) AS max FROM sessions').get(), 'max');
    const one = db.prepare('SELECT id, user_id AS userId FROM sessions WHERE rowid = ?');
    return Array.from({ length: count }, (_, i) => {
      const rowid = 1 + Math.floor((i * Number(max)) / count);
      const [id = '', userId] = textsOf(one.get(rowid), 'id', 'userId');
      return { id, userId: Number(userId) };
    }).sort((a, b) => (a.id < b.id ? -1 : 1));
  } finally {
    db.close();
  }
}
