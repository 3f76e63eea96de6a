import { sql } from 'drizzle-orm';
import { onTestFinished } from 'vitest';
import { imports } from '../../src/core/db/account-schema.ts';
import type { Database } from '../../src/core/db/database.ts';
import { users } from '../../src/core/db/schema.ts';
import type { CheckOptions } from '../../src/features/imports/check.ts';
import {
  createResolutions,
  type Decisions,
  type Resolution,
} from '../../src/features/imports/resolution.ts';
import { runImport } from '../../src/features/imports/run.ts';
import type { AccountSource, SourceAccount } from '../../src/features/imports/source.ts';
import { createImportStore } from '../../src/features/imports/store.ts';
import { createTally, type Rejected } from '../../src/features/imports/tally.ts';
import type { ImportTarget } from '../../src/features/imports/target.ts';
import { createUserStore } from '../../src/features/users/store.ts';
import { openSourceIndex } from '../../src/runtime/commands/import/source-index.ts';

export const NOW = Date.UTC(2026, 0, 1);

/** A hash that can be read. No password matches it. */
export const HASH = `$pbkdf2-sha256$29000$${'A'.repeat(22)}$${'A'.repeat(43)}`;

export const checkOptions: CheckOptions = {
  ...{ region: 'IN', now: NOW, keepsIds: false, isForWorkers: false },
};

/** An account of a source: number `n`, with an address of its own. */
export const account = (n: number, members: Partial<SourceAccount> = {}): SourceAccount => ({
  place: `row ${n}`,
  id: String(n),
  email: `user${n}@example.com`,
  phone: null,
  passwordHash: HASH,
  name: `User ${n}`,
  bio: null,
  locale: null,
  timeZone: null,
  fields: null,
  emailVerifiedAt: null,
  phoneVerifiedAt: null,
  createdAt: null,
  updatedAt: null,
  disabledAt: null,
  unreadable: [],
  ...members,
});

/** A source in memory. */
export const sourceOf = (accounts: readonly SourceAccount[], failure?: Error): AccountSource => ({
  unit: 'rows',
  total: accounts.length,
  async *read() {
    for (const [i, each] of accounts.entries()) yield { account: each, done: i + 1 };
    if (failure) throw failure;
  },
  close: async () => {},
});

interface RunOptions {
  readonly source?: string;
  readonly limits?: ImportTarget['limits'];
  readonly resolutions?: Readonly<Record<string, Resolution>>;
  readonly kinds?: Decisions['kinds'];
  readonly keepsIds?: boolean;
  readonly isDryRun?: boolean;
  readonly skipsClashes?: boolean;
  /** Called before each batch is stored. */
  readonly beforeStore?: () => Promise<void>;
  readonly isStopped?: () => boolean;
  /** What the source throws after its accounts. */
  readonly failure?: Error;
}

/** Imports accounts into a database. */
export async function importInto(
  db: Database,
  accounts: readonly SourceAccount[],
  {
    source = 'test',
    limits,
    resolutions = {},
    kinds = new Map(),
    beforeStore,
    ...options
  }: RunOptions = {},
) {
  const rejected: Rejected[] = [];
  const tally = createTally();
  const index = openSourceIndex();
  onTestFinished(() => index.close());
  const store = createImportStore(db, { source, clock: () => NOW, ...(limits && { limits }) });
  const decisions = createResolutions({
    ...{ accounts: new Map(Object.entries(resolutions)), kinds },
  });
  const ending = await runImport({
    source: sourceOf(accounts, options.failure),
    target: {
      ...store,
      async store(batch) {
        await beforeStore?.();
        return store.store(batch);
      },
    },
    index,
    resolutions: decisions,
    check: { ...checkOptions, keepsIds: options.keepsIds ?? false },
    tally,
    isDryRun: options.isDryRun ?? false,
    skipsClashes: options.skipsClashes ?? false,
    isStopped: options.isStopped ?? (() => false),
    onProgress() {},
    onRejected: async (each) => void rejected.push(each),
  });
  const clashes = rejected.map(({ place, outcome, clashes }) => [
    place,
    outcome,
    ...clashes.map(({ code }) => code),
  ]);
  return { ending, tally: tally.result(), rejected, clashes, unused: decisions.unused() };
}

/** Accounts of a source: those with the numbers 1 to `count`. */
export const people = (count: number) => Array.from({ length: count }, (_, i) => account(i + 1));

/** Signs an account up in the target. */
export const signUp = (db: Database, email: string) =>
  createUserStore(db, () => NOW).insert(
    { email: { entered: email, normalized: email }, phone: null, passwordHash: null, name: null },
    {
      ...{ requestId: 'r', address: null, userAgent: null, at: NOW, actorId: null },
      ...{ action: 'signup', outcome: 'success' },
    },
  );

/** Which account each of a source became: id, email address. */
export const storedIn = (db: Database) =>
  db.all<{ key: string; id: number; email: string | null }>(
    sql`select source_id as key, user_id as id, (select email_normalized from ${users} where ${users.id} = user_id) as email from ${imports} order by user_id`,
  );
