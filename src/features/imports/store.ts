import { and, type Column, eq, isNotNull, type SQL, sql } from 'drizzle-orm';
import {
  deletedAccounts,
  imports,
  milestones,
  reservedAddresses,
} from '../../core/db/account-schema.ts';
import { change } from '../../core/db/change.ts';
import type { Database } from '../../core/db/database.ts';
import { users } from '../../core/db/schema.ts';
import type { AuditEvent } from '../audit/event.ts';
import { recordEvent } from '../audit/statements.ts';
import {
  insertAccounts,
  keepsIdsName,
  rememberKeepingIds,
  rememberOthers,
  reserveIds,
  type Storing,
  settleIds,
} from './statements.ts';
import type { ImportTarget, Occupant, Wanted } from './target.ts';

const LIMITS = { accounts: 1000, bytes: 1_000_000 } as const;

interface ImportStoreOptions {
  /** The name of the source in the table `imports`. */
  readonly source: string;
  /** Milliseconds since 1970. */
  readonly clock: () => number | SQL;
  readonly limits?: ImportTarget['limits'];
  /** Also stores that an account of the source has found its addresses taken. */
  readonly remembersOthers?: boolean;
}

export interface ImportStore extends ImportTarget {
  /** True if there are accounts that this source has not imported. */
  hasOtherAccounts(): Promise<boolean>;
  /** Whether earlier runs of this source have kept the ids. Undefined if it has imported nothing yet. */
  hasKeptIds(): Promise<boolean | undefined>;
  /** Records a run in the audit log. */
  record(event: AuditEvent): Promise<void>;
}

/** Imports accounts into a database, while servers use it. */
export function createImportStore(
  db: Database,
  { source, clock, limits = LIMITS, remembersOthers = false }: ImportStoreOptions,
): ImportStore {
  const importedAs = sql<
    string | null
  >`(select ${imports.sourceId} from ${imports} where ${imports.userId} = ${users.id} and ${imports.source} = ${source} limit 1)`;

  const accountsWith = (kind: 'email' | 'phone', wanted: readonly string[]) => {
    const column = kind === 'email' ? users.emailNormalized : users.phoneNormalized;
    return db
      .select({ address: column, userId: users.id, key: importedAs })
      .from(users)
      .where(isIn(column, wanted));
  };

  const occupantsOf = async (kind: 'email' | 'phone', batch: readonly Wanted[]) => {
    const wanted = batch.flatMap((each) => each[kind]?.normalized ?? []);
    const occupants = new Map<string, Occupant>();
    if (wanted.length === 0) return occupants;
    const reserved = await db
      .select({ address: reservedAddresses.address })
      .from(reservedAddresses)
      .where(
        and(
          eq(reservedAddresses.channel, kind),
          isIn(reservedAddresses.address, wanted),
          sql`${reservedAddresses.reservedUntil} > ${clock()}`,
        ),
      );
    for (const { address } of reserved) occupants.set(address, { userId: null, key: null });
    for (const { address, userId, key } of await accountsWith(kind, wanted)) {
      if (address !== null) occupants.set(address, { userId, key });
    }
    return occupants;
  };

  const occupiedIds = async (batch: readonly Wanted[]) => {
    const wanted = batch.flatMap(({ keepId }) => keepId ?? []);
    if (wanted.length === 0) return new Set<number>();
    const known = await db.select({ id: users.id }).from(users).where(isIn(users.id, wanted));
    const deleted = await db
      .select({ id: deletedAccounts.id })
      .from(deletedAccounts)
      .where(isIn(deletedAccounts.id, wanted));
    return new Set([...known, ...deleted].map(({ id }) => id));
  };

  const importedKeys = async (batch: readonly Wanted[]) => {
    const keys = batch.map(({ key }) => key);
    const known = await db
      .select({ key: imports.sourceId, fingerprint: imports.fingerprint })
      .from(imports)
      .where(
        and(eq(imports.source, source), isIn(imports.sourceId, keys), isNotNull(imports.userId)),
      );
    return new Map(known.map(({ key, fingerprint }) => [key, fingerprint]));
  };

  return {
    limits,

    async find(batch) {
      const [emails, phones, ids] = await Promise.all([
        occupantsOf('email', batch),
        occupantsOf('phone', batch),
        occupiedIds(batch),
      ]);
      // Last: another run of the same import may store the batch meanwhile, and its accounts are not in the way.
      const imported = await importedKeys(batch);
      return { imported, emails, phones, ids };
    },

    async store(batch) {
      const storing: Storing = { source, now: clock() };
      const stored = await change(db, {
        before: [reserveIds(db, batch, storing), insertAccounts(db, batch, storing)],
        claim: settleIds(db, batch, storing),
        consequences: [
          ...(batch.some(({ keepId }) => keepId !== null) ? [rememberKeepingIds(db, storing)] : []),
          ...(remembersOthers ? [rememberOthers(db, batch, storing)] : []),
        ],
      });
      return new Set(stored.map(({ key }) => key));
    },

    async hasOtherAccounts() {
      const others = await db
        .select({ id: users.id })
        .from(users)
        .where(
          sql`not exists (select 1 from ${imports} where ${imports.userId} = ${users.id} and ${imports.source} = ${source})`,
        )
        .limit(1);
      return others.length > 0;
    },

    async hasKeptIds() {
      const [imported] = await db
        .select({ key: imports.sourceId })
        .from(imports)
        .where(and(eq(imports.source, source), isNotNull(imports.userId)))
        .limit(1);
      if (!imported) return undefined;
      const kept = await db
        .select({ name: milestones.name })
        .from(milestones)
        .where(eq(milestones.name, keepsIdsName(source)));
      return kept.length > 0;
    },

    async record(event) {
      await recordEvent(db, event);
    },
  };
}

/** True for one of any number of values, which are one parameter. */
const isIn = (column: Column, values: readonly (string | number)[]): SQL =>
  sql`${column} in (select value from json_each(${JSON.stringify(values)}))`;
