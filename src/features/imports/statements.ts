import { type SQL, sql } from 'drizzle-orm';
import {
  deletedAccounts,
  imports,
  milestones,
  reservedAddresses,
} from '../../core/db/account-schema.ts';
import type { Condition } from '../../core/db/change.ts';
import type { Database } from '../../core/db/database.ts';
import { insertWhere, rowOf } from '../../core/db/insert-where.ts';
import { users } from '../../core/db/schema.ts';
import type { Candidate } from './candidate.ts';
import { rowsJson } from './candidate-row.ts';

// Each statement gets its accounts as one parameter, a JSON text: a statement of D1 may have few parameters.
// A row of `imports` that is being stored has a negative `user_id` until the end of its batch. So the row of its account
// is inserted once, and not again after that account has been deleted.

/** What a batch is stored with. */
export interface Storing {
  /** The name of the source. */
  readonly source: string;
  /** Milliseconds since 1970. */
  readonly now: number | SQL;
}

/** The columns of a row, by position in `candidate-row.ts`. */
const COLUMNS = [
  ...['source_id', 'keep_id', 'email_normalized', 'phone_normalized', 'email', 'phone'],
  ...['email_verified_at', 'phone_verified_at', 'password_hash', 'name', 'name_folded', 'bio'],
  ...['locale', 'time_zone', 'fields', 'disabled_at', 'created_at', 'updated_at'],
];
/** Those of a row that decides whether an account is stored. */
const DECIDING = [...COLUMNS.slice(0, 4), 'fingerprint'];

const rowsOf = (json: string, columns: readonly string[]): SQL =>
  sql`(select key as pos, ${sql.raw(
    columns.map((name, i) => `value ->> ${i} as ${name}`).join(', '),
  )} from json_each(${json}))`;

/** Chooses the ids of the accounts of a batch that are free, and remembers them. */
export function reserveIds(db: Database, batch: readonly Candidate[], { source, now }: Storing) {
  const rows = batch.map(({ key, keepId, email, phone, fingerprint }) => [
    ...[key, keepId, email?.normalized ?? null, phone?.normalized ?? null, fingerprint],
  ]);
  // A database that was restored from a dump may lack the row of its sequence.
  const last = sql`max(coalesce((select seq from sqlite_sequence where name = 'users'), 0), coalesce((select max(id) from users), 0))`;
  const next = sql`${last} + row_number() over (order by new.pos)`;
  return db
    .insert(imports)
    .select(
      sql`select ${source}, new.source_id, -coalesce(new.keep_id, ${next}), ${now}, new.fingerprint from ${rowsOf(JSON.stringify(rows), DECIDING)} as new where ${isFree(source, now)} order by new.pos`,
    )
    .onConflictDoUpdate({
      target: [imports.source, imports.sourceId],
      set: {
        userId: sql`excluded.user_id`,
        importedAt: sql`excluded.imported_at`,
        fingerprint: sql`excluded.fingerprint`,
      },
      setWhere: sql`${imports.userId} is null`,
    });
}

/** True for a row that this source has not imported, and whose addresses and id nobody has. */
const isFree = (source: string, now: number | SQL): Condition => sql`
  not exists (select 1 from ${imports} where ${imports.source} = ${source} and ${imports.sourceId} = new.source_id and ${imports.userId} is not null)
  and not exists (select 1 from ${users} where ${users.emailNormalized} = new.email_normalized)
  and not exists (select 1 from ${users} where ${users.phoneNormalized} = new.phone_normalized)
  and not exists (${reservation('email', sql`new.email_normalized`, now)})
  and not exists (${reservation('phone', sql`new.phone_normalized`, now)})
  and not exists (select 1 from ${users} where ${users.id} = new.keep_id)
  and not exists (select 1 from ${deletedAccounts} where ${deletedAccounts.id} = new.keep_id)`;

const reservation = (channel: 'email' | 'phone', address: SQL, now: number | SQL): SQL =>
  sql`select 1 from ${reservedAddresses} where ${reservedAddresses.channel} = ${channel} and ${reservedAddresses.address} = ${address} and ${reservedAddresses.reservedUntil} > ${now}`;

/** Inserts the accounts for which ids have been chosen. */
export function insertAccounts(db: Database, batch: readonly Candidate[], { source }: Storing) {
  const row = rowOf(users, {
    id: sql`-chosen.user_id`,
    email: sql`new.email`,
    emailNormalized: sql`new.email_normalized`,
    phone: sql`new.phone`,
    phoneNormalized: sql`new.phone_normalized`,
    emailVerifiedAt: sql`new.email_verified_at`,
    phoneVerifiedAt: sql`new.phone_verified_at`,
    passwordHash: sql`new.password_hash`,
    name: sql`new.name`,
    nameFolded: sql`new.name_folded`,
    bio: sql`new.bio`,
    locale: sql`new.locale`,
    timeZone: sql`new.time_zone`,
    fields: sql`new.fields`,
    disabledAt: sql`new.disabled_at`,
    createdAt: sql`new.created_at`,
    updatedAt: sql`new.updated_at`,
  });
  // CROSS JOIN keeps the order of the tables.
  return db
    .insert(users)
    .select(
      sql`select ${row} from ${rowsOf(rowsJson(batch), COLUMNS)} as new cross join ${imports} as chosen where chosen.source = ${source} and chosen.source_id = new.source_id and chosen.user_id < 0 order by new.pos`,
    );
}

/** Ends the batch. Returns the keys that it has stored. */
export const settleIds = (db: Database, batch: readonly Candidate[], { source }: Storing) =>
  db
    .update(imports)
    .set({ userId: sql`-${imports.userId}` })
    .where(
      sql`${imports.source} = ${source} and ${imports.sourceId} in (select value from json_each(${keysOf(batch)})) and ${imports.userId} < 0`,
    )
    .returning({ key: imports.sourceId });

/** The name of the row in `milestones` of a source whose ids are kept. */
export const keepsIdsName = (source: string): string => `import_keeps_ids:${source}`;

/** Remembers that the ids of a source are kept, once it has an account. */
export const rememberKeepingIds = (db: Database, { source, now }: Storing) =>
  insertWhere(
    db,
    milestones,
    { name: keepsIdsName(source), reachedAt: sql`${now}` },
    sql`exists (select 1 from ${imports} where ${imports.source} = ${source} and ${imports.userId} is not null)`,
  ).onConflictDoNothing();

/** Remembers the accounts of a batch that were not free. They have no account until a later import finds them free. */
export const rememberOthers = (db: Database, batch: readonly Candidate[], storing: Storing) =>
  db
    .insert(imports)
    .select(
      sql`select ${storing.source}, value, null, ${storing.now}, null from json_each(${keysOf(batch)}) where true`,
    )
    .onConflictDoNothing();

const keysOf = (batch: readonly Candidate[]): string => JSON.stringify(batch.map(({ key }) => key));
