import {
  mkdirSync,
  readdirSync,
  renameSync,
  rmdirSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { sql } from 'drizzle-orm';
import { drizzle } from 'drizzle-orm/sqlite-proxy';
import { utf8 } from '../../../core/crypto/bytes.ts';
import { describeError } from '../../../core/db/database.ts';
import { CommandError } from '../../../core/errors.ts';
import { createImportStore, type ImportStore } from '../../../features/imports/store.ts';
import { NOTHING_OCCUPIED } from '../../../features/imports/target.ts';
import { draftOf } from '../../ports/draft.ts';
import { inlined } from '../users/sql-literal.ts';

/** D1 accepts statements of 100,000 bytes. A literal has two bytes for each byte of its text. */
const BATCH = { accounts: 1000, bytes: 46_000 } as const;
const MAX_STATEMENT_BYTES = 100_000;
const MAX_FILE = { accounts: 1000, bytes: 4_000_000 } as const;
const NAME_LENGTH = 4;

/** A folder of SQL files that import accounts into a D1 database. */
export interface D1Folder extends ImportStore {
  readonly path: string;
  /** Moves the complete folder to its path. Returns the number of its files. */
  publish(): number;
  /** Removes what is written. */
  discard(): void;
}

/** Lists the accounts of a source that D1 did not take, because an address or the id of each belongs to another one. */
export const othersQuery = (source: string): string =>
  `SELECT source_id FROM imports WHERE source = '${source}' AND user_id IS NULL`;

/**
 * Writes the statements of an import into files. They decide in D1 what is free: applied twice, they change nothing
 * more. The folder has another name until it is complete.
 *
 * @throws CommandError unless the folder is missing or empty
 */
export function createD1Folder(folder: string, source: string): D1Folder {
  const path = resolve(folder);
  requireEmpty(path);
  const draft = draftOf(path);
  const discard = () => rmSync(draft, { recursive: true, force: true });
  attempt(path, () => {
    mkdirSync(dirname(path), { recursive: true });
    mkdirSync(draft, { mode: 0o700 });
  });
  process.once('exit', discard);

  let files = 0;
  let file = { accounts: 0, bytes: 0, texts: [] as string[] };
  const end = () => {
    if (file.texts.length === 0) return;
    files++;
    const name = `${String(files).padStart(NAME_LENGTH, '0')}.sql`;
    const text = `-- Latchkey: import of accounts. Those that it leaves out: ${othersQuery(source)};\n${file.texts.join('')}`;
    attempt(path, () => writeFileSync(join(draft, name), text, { mode: 0o600, flag: 'wx' }));
    file = { accounts: 0, bytes: 0, texts: [] };
  };
  /** Adds statements that belong together to a file. */
  const append = (statements: readonly { sql: string; params: unknown[] }[], accounts: number) => {
    const texts = statements.map((each) => `${inlined(each).replaceAll(/\s+/g, ' ')};\n`);
    const bytes = texts.reduce((sum, text) => sum + utf8(text).length, 0);
    if (texts.some((text) => utf8(text).length > MAX_STATEMENT_BYTES)) {
      throw new CommandError('An account is too large for a statement of D1.');
    }
    if (file.accounts + accounts > MAX_FILE.accounts || file.bytes + bytes > MAX_FILE.bytes) end();
    file.accounts += accounts;
    file.bytes += bytes;
    file.texts.push(...texts);
  };

  let accounts = 0;
  const db = drizzle(
    async (text, params) => {
      append([{ sql: text, params }], 0);
      return { rows: [] };
    },
    async (batch) => {
      append(batch, accounts);
      return batch.map(() => ({ rows: [] }));
    },
  );
  // The time of the application: what is reserved now may be free then.
  const clock = () => sql`(unixepoch() * 1000)`;
  const store = createImportStore(db, { source, clock, limits: BATCH, remembersOthers: true });
  return {
    ...store,
    path,
    find: async () => NOTHING_OCCUPIED,
    hasOtherAccounts: async () => false,
    hasKeptIds: async () => undefined,
    async store(batch) {
      accounts = batch.length;
      await store.store(batch);
      return new Set(batch.map(({ key }) => key));
    },
    publish() {
      end();
      attempt(path, () => {
        // Windows renames no folder over an empty one.
        if (statSync(path, { throwIfNoEntry: false })) rmdirSync(path);
        renameSync(draft, path);
      });
      process.off('exit', discard);
      return files;
    },
    discard() {
      discard();
      process.off('exit', discard);
    },
  };
}

function requireEmpty(path: string): void {
  attempt(path, () => {
    const found = statSync(path, { throwIfNoEntry: false });
    if (!found || (found.isDirectory() && readdirSync(path).length === 0)) return;
    throw new CommandError(`${path} must be a new or an empty folder.`);
  });
}

function attempt<T>(path: string, work: () => T): T {
  try {
    return work();
  } catch (error) {
    if (error instanceof CommandError) throw error;
    throw new CommandError(`${path} cannot be written: ${describeError(error)}`);
  }
}
