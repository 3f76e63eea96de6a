import { and, eq, gt, isNotNull, isNull, sql } from 'drizzle-orm';
import { reservedAddresses } from '../../core/db/account-schema.ts';
import { type Condition, change } from '../../core/db/change.ts';
import { type Database, isUniqueViolation } from '../../core/db/database.ts';
import { insertWhere } from '../../core/db/insert-where.ts';
import { users } from '../../core/db/schema.ts';
import { AppError } from '../../core/errors.ts';
import { networkOf } from '../../core/network.ts';
import type { AuditEvent } from '../audit/event.ts';
import { INSERTED_ROW, recordEventIfChanged } from '../audit/statements.ts';
import { storeFirstNetwork } from '../networks/statements.ts';
import type { Identifier } from './identifier.ts';
import { foldedName, nameValues } from './statements.ts';
import type { User } from './user.ts';

/** The columns of a {@link User}. `LiveRow` in `sessions/live-row.ts` lists them by position, in this order. */
export const userColumns = {
  id: users.id,
  email: users.email,
  phone: users.phone,
  name: users.name,
  bio: users.bio,
  version: users.version,
  createdAt: users.createdAt,
  updatedAt: users.updatedAt,
  emailVerifiedAt: users.emailVerifiedAt,
  phoneVerifiedAt: users.phoneVerifiedAt,
  avatarKey: users.avatarKey,
  locale: users.locale,
  timeZone: users.timeZone,
  fields: users.fields,
};

/** An account to create. `entered` is for display, `normalized` is unique. */
export interface NewUser {
  readonly email: { readonly entered: string; readonly normalized: string } | null;
  readonly phone: { readonly entered: string; readonly normalized: string } | null;
  /** Null for an account without a password, which logs in by other methods. */
  readonly passwordHash: string | null;
  readonly name: string | null;
  /** The language of its notices. Default: English. */
  readonly locale?: string;
}

export interface UserStore {
  /**
   * Creates an account and records the event, in one batch.
   *
   * @throws AppError `email_taken` or `phone_taken`
   */
  insert(user: NewUser, event: AuditEvent): Promise<User>;
  /**
   * Adds the folded name to at most `limit` accounts that an earlier version has named, so that searches find them.
   * Returns their number.
   */
  foldNames(limit: number): Promise<number>;
}

/** @param clock milliseconds since 1970 */
export const createUserStore = (db: Database, clock: () => number): UserStore => ({
  async insert(user, event) {
    const { email, phone } = user;
    const now = clock();
    const ofNewUser = email
      ? eq(users.emailNormalized, email.normalized)
      : eq(users.phoneNormalized, phone?.normalized ?? '');
    const [row] = await orTaken(
      change(db, {
        claim: insertUser(db, user, now, sql`true`).returning(userColumns),
        ifChanged: [
          recordEventIfChanged(db, INSERTED_ROW, event),
          ...(event.address === null
            ? []
            : [storeFirstNetwork(db, ofNewUser, networkOf(event.address), now)]),
        ],
      }),
    );
    if (row) return row;
    throw await reservationError(db, user, now);
  },

  async foldNames(limit) {
    const unfolded = await db
      .select({ id: users.id, name: users.name })
      .from(users)
      .where(and(isNotNull(users.name), isNull(users.nameFolded)))
      .orderBy(users.createdAt)
      .limit(limit);
    if (unfolded.length === 0) return 0;
    // SQLite folds ASCII only. One parameter, of which a statement may have few.
    const names = JSON.stringify(unfolded.map(({ id, name }) => [id, name, foldedName(name)]));
    const folded = await db
      .update(users)
      .set({ nameFolded: sql`done.folded` })
      .from(
        sql`(select value ->> 0 as id, value ->> 1 as name, value ->> 2 as folded from json_each(${names})) as done`,
      )
      // Another request may have changed the name meanwhile.
      .where(sql`${users.id} = done.id and ${users.name} = done.name`)
      .returning({ id: users.id });
    return folded.length;
  },
});

/**
 * Inserts an account if its addresses are not reserved for others, and the condition holds.
 *
 * @param now milliseconds since 1970
 */
export const insertUser = (
  db: Database,
  { email, phone, passwordHash, name, locale }: NewUser,
  now: number,
  condition: Condition,
) =>
  insertWhere(
    db,
    users,
    {
      email: email?.entered ?? null,
      emailNormalized: email?.normalized ?? null,
      phone: phone?.entered ?? null,
      phoneNormalized: phone?.normalized ?? null,
      passwordHash,
      ...nameValues(name),
      locale: locale ?? null,
      createdAt: now,
      updatedAt: now,
    },
    sql`${isFree('email', email?.normalized, now)} and ${isFree('phone', phone?.normalized, now)} and ${condition}`,
  );

/** Waits for a batch that inserts an account. @throws AppError `email_taken` or `phone_taken` */
export async function orTaken<Result>(inserting: Promise<Result>): Promise<Result> {
  try {
    return await inserting;
  } catch (cause) {
    if (isUniqueViolation(cause, 'users.email_normalized')) {
      throw new AppError('email_taken', { cause });
    }
    if (isUniqueViolation(cause, 'users.phone_normalized')) {
      throw new AppError('phone_taken', { cause });
    }
    throw cause;
  }
}

/** The error of an account that was not inserted because one of its addresses is reserved. */
export async function reservationError(
  db: Database,
  { email }: Pick<NewUser, 'email'>,
  now: number,
): Promise<AppError> {
  if (email === null) return new AppError('phone_taken');
  const [row] = await db
    .select({ address: reservedAddresses.address })
    .from(reservedAddresses)
    .where(reservation('email', email.normalized, now));
  return new AppError(row ? 'email_taken' : 'phone_taken');
}

const reservation = (kind: Identifier['kind'], address: string, now: number) =>
  and(
    eq(reservedAddresses.channel, kind),
    eq(reservedAddresses.address, address),
    gt(reservedAddresses.reservedUntil, now),
  );

/** True unless an account has replaced the address recently, and may restore it. */
const isFree = (kind: Identifier['kind'], address: string | undefined, now: number) =>
  address === undefined
    ? sql`true`
    : sql`not exists (select 1 from ${reservedAddresses} where ${reservation(kind, address, now)})`;
