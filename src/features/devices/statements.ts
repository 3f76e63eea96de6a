import { and, desc, eq, gt, inArray, not, type Placeholder, type SQL, sql } from 'drizzle-orm';
import { knownDevices } from '../../core/db/account-schema.ts';
import type { Condition, Statement } from '../../core/db/change.ts';
import type { Database } from '../../core/db/database.ts';
import { insertWhere } from '../../core/db/insert-where.ts';
import { users } from '../../core/db/schema.ts';
import { DEVICE_LIFETIME_MS, type DeviceToken } from './token.ts';

/**
 * Consecutive wrong passwords with a token after which it has no effect any more. They do not expire: a thief of the
 * token has these beside the hundred of the account.
 */
const MAX_FAILURES = 5;
/** Maximum number of devices per account. */
const MAX_DEVICES = 20;

type Time = number | Placeholder;

/** True for a row of `known_devices` that has not expired and has too few failures to be ignored. */
const isUsable = (now: Time): SQL =>
  sql`(${knownDevices.expiresAt} > ${now} and ${knownDevices.failures} < ${MAX_FAILURES})`;

const isToken = ({ hashes }: DeviceToken) => inArray(knownDevices.hash, [...hashes]);

/**
 * True if the token is that of a device of the account, and has an effect.
 *
 * @param now milliseconds since 1970
 */
export const isDeviceOf = (
  userId: number | typeof users.id,
  device: DeviceToken | undefined,
  now: number,
): Condition =>
  device
    ? sql`exists (select 1 from ${knownDevices} where ${knownDevices.userId} = ${userId} and ${isToken(device)} and ${isUsable(now)})`
    : sql`false`;

/** The same for the account that has an identifier. Placeholders: `identifier`, `hashes` (a JSON array), `now`. */
export const isDeviceOfAccount: SQL = sql`exists (select 1 from ${knownDevices} where ${knownDevices.hash} in (select value from json_each(${sql.placeholder('hashes')})) and ${isUsable(sql.placeholder('now'))} and ${knownDevices.userId} in (select ${users.id} from ${users} where ${users.emailNormalized} = ${sql.placeholder('identifier')} and ${users.disabledAt} is null union all select ${users.id} from ${users} where ${users.phoneNormalized} = ${sql.placeholder('identifier')} and ${users.disabledAt} is null))`;

/** The columns that a wrong password changes. */
export const DEVICE_FAILURE = { failures: sql`${knownDevices.failures} + 1` };

/** The row of the device that a wrong password counts for. */
export const isFailing = (userId: number, device: DeviceToken, now: number) =>
  and(eq(knownDevices.userId, userId), isToken(device), isUsable(now));

/** A login from a device. */
interface DeviceLogin {
  readonly userId: number;
  /** The token that the caller presented. */
  readonly presented: DeviceToken | undefined;
  /** The token that is stored if the presented one is not that of a device. */
  readonly fresh: DeviceToken;
  /** Of the new row. */
  readonly id: string;
  /** Milliseconds since 1970. */
  readonly now: number;
  readonly userAgent: string | null;
  readonly address: string | null;
  /** Must hold: that the login has succeeded. */
  readonly condition: Condition;
}

/**
 * Returns the statements that store a login from a device: they renew the presented token or, if it has no effect, store
 * the fresh one in its place. Above the limit, tokens that were never presented again are evicted first, then those that
 * were not used for longest: a client that keeps no token must not evict the devices of those that do.
 */
export function keepDevice(db: Database, login: DeviceLogin): readonly Statement[] {
  const { userId, presented, fresh, id, now, userAgent, address, condition } = login;
  const [hash] = fresh.hashes;
  const ofUser = eq(knownDevices.userId, userId);
  const row = {
    ...{ id, userId, hash, createdAt: now, lastUsedAt: now },
    ...{ expiresAt: now + DEVICE_LIFETIME_MS, userAgent, address },
  };
  const kept = db
    .select({ id: knownDevices.id })
    .from(knownDevices)
    .where(and(ofUser, gt(knownDevices.expiresAt, now)))
    .orderBy(
      sql`${knownDevices.id} = ${id} desc`,
      sql`${knownDevices.lastUsedAt} > ${knownDevices.createdAt} desc`,
      desc(knownDevices.lastUsedAt),
      sql`rowid desc`,
    )
    .limit(MAX_DEVICES);
  return [
    ...(presented ? renew(db, presented, login) : []),
    insertWhere(
      db,
      knownDevices,
      row,
      sql`${condition} and not ${isDeviceOf(userId, presented, now)}`,
    ),
    db.delete(knownDevices).where(and(ofUser, condition, sql`${knownDevices.id} not in ${kept}`)),
  ];
}

/** Renews a device, or deletes it if its token no longer has an effect. */
function renew(
  db: Database,
  device: DeviceToken,
  { userId, now, userAgent, address, condition }: DeviceLogin,
): readonly Statement[] {
  const isPresented = and(eq(knownDevices.userId, userId), isToken(device), condition);
  return [
    db.delete(knownDevices).where(and(isPresented, not(isUsable(now)))),
    db
      .update(knownDevices)
      .set({
        // The hash under the newest secret, so that the older one can be removed.
        hash: device.hashes[0],
        // Later than the first login, also within its millisecond.
        lastUsedAt: sql`max(${now}, ${knownDevices.createdAt} + 1)`,
        expiresAt: now + DEVICE_LIFETIME_MS,
        failures: 0,
        userAgent,
        address,
      })
      .where(isPresented),
  ];
}
