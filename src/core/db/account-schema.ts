import { sql } from 'drizzle-orm';
import { index, integer, primaryKey, sqliteTable, text } from 'drizzle-orm/sqlite-core';
import { users } from './schema.ts';

// What an account collects beside its row: roles, addresses, networks, devices, failures and notices.

/** A verified address that an account has replaced. No other account can have it until the undo link expires. */
export const reservedAddresses = sqliteTable(
  'reserved_addresses',
  {
    channel: text('channel', { enum: ['email', 'phone'] }).notNull(),
    /** The normalized address. */
    address: text('address').notNull(),
    entered: text('entered').notNull(),
    userId: integer('user_id')
      .notNull()
      .references(() => users.id, { onDelete: 'cascade' }),
    /** When the account had verified it. Milliseconds since 1970. */
    verifiedAt: integer('verified_at').notNull(),
    /** Milliseconds since 1970. */
    reservedUntil: integer('reserved_until').notNull(),
  },
  (table) => [
    primaryKey({ columns: [table.channel, table.address] }),
    index('reserved_addresses_user').on(table.userId),
    index('reserved_addresses_until').on(table.reservedUntil),
  ],
);

/** A network from which an account has been used: an IPv4 address or an IPv6 /64. */
export const knownNetworks = sqliteTable(
  'known_networks',
  {
    userId: integer('user_id')
      .notNull()
      .references(() => users.id, { onDelete: 'cascade' }),
    network: text('network').notNull(),
    /** Milliseconds since 1970. Set by a login, and at most once a day by the use of a session. */
    lastSeenAt: integer('last_seen_at').notNull(),
    /** Time of the last login from this network. Milliseconds since 1970; null if there was no login. */
    lastLoginAt: integer('last_login_at'),
  },
  (table) => [
    primaryKey({ columns: [table.userId, table.network] }),
    index('known_networks_last_seen').on(table.lastSeenAt),
  ],
);

/** Consecutive wrong passwords for one account from one network. */
export const loginFailures = sqliteTable(
  'login_failures',
  {
    userId: integer('user_id')
      .notNull()
      .references(() => users.id, { onDelete: 'cascade' }),
    /** Empty if the client's address is unknown. */
    network: text('network').notNull(),
    failures: integer('failures').notNull(),
    /** Milliseconds since 1970. */
    failingSince: integer('failing_since').notNull(),
    /** When the lockout of this network from the account ends. Milliseconds since 1970. */
    lockedUntil: integer('locked_until'),
  },
  (table) => [
    primaryKey({ columns: [table.userId, table.network] }),
    index('login_failures_since').on(table.failingSince),
  ],
);

/**
 * A device on which a user has logged in. With its token, a login passes the lock of the account, and its failures count
 * here instead.
 */
export const knownDevices = sqliteTable(
  'known_devices',
  {
    /** Random. Identifies the device in lists. */
    id: text('id').primaryKey(),
    userId: integer('user_id')
      .notNull()
      .references(() => users.id, { onDelete: 'cascade' }),
    /** Keyed hash of its token. */
    hash: text('hash').notNull().unique('known_devices_hash'),
    /** Milliseconds since 1970, like all times here. */
    createdAt: integer('created_at').notNull(),
    /** The last login with its token; the time of the first login until then. */
    lastUsedAt: integer('last_used_at').notNull(),
    expiresAt: integer('expires_at').notNull(),
    userAgent: text('user_agent'),
    address: text('address'),
    /** Consecutive wrong passwords with its token. */
    failures: integer('failures').notNull().default(0),
  },
  (table) => [
    index('known_devices_user').on(table.userId, table.lastUsedAt),
    index('known_devices_expires').on(table.expiresAt),
  ],
);

/** When an account was last sent a notice of a kind. */
export const notices = sqliteTable(
  'notices',
  {
    userId: integer('user_id')
      .notNull()
      .references(() => users.id, { onDelete: 'cascade' }),
    kind: text('kind').notNull(),
    /** Milliseconds since 1970. */
    sentAt: integer('sent_at').notNull(),
  },
  (table) => [primaryKey({ columns: [table.userId, table.kind] })],
);

/** A deleted account whose audit events still have addresses, user agents and details. */
export const deletedAccounts = sqliteTable('deleted_accounts', {
  /** The id of the account. Never reused. */
  id: integer('id').primaryKey(),
  /** Milliseconds since 1970. */
  deletedAt: integer('deleted_at').notNull(),
  /** The last event from which they were removed; 0 if none. Later events have greater ids. */
  clearedTo: integer('cleared_to').notNull().default(0),
  /** The same of the events of other accounts that it has caused as an administrator. */
  actsClearedTo: integer('acts_cleared_to').notNull().default(0),
});

/**
 * A stored picture. The row is written before its file and deleted after it, so each file has a row. Housekeeping
 * deletes those that no account shows.
 */
export const avatars = sqliteTable(
  'avatars',
  {
    /** At least 128 random bits, base64url. The name of the file. */
    key: text('key').primaryKey(),
    /** Not a foreign key: the row of a deleted account stays until its file is deleted. Ids are not reused. */
    userId: integer('user_id').notNull(),
    /** The id of the store that has its file. */
    store: text('store').notNull(),
    /** Length of the file in bytes. */
    size: integer('size').notNull(),
    /** Milliseconds since 1970. */
    createdAt: integer('created_at').notNull(),
    /**
     * From when housekeeping deletes it; null for the one that `users.avatar_key` names. A new one has an hour to become
     * that one. Milliseconds since 1970.
     */
    removeAt: integer('remove_at'),
  },
  (table) => [
    index('avatars_user').on(table.userId),
    index('avatars_removed').on(table.removeAt).where(sql`remove_at is not null`),
  ],
);

/** The roles of accounts. */
export const userRoles = sqliteTable(
  'user_roles',
  {
    userId: integer('user_id')
      .notNull()
      .references(() => users.id, { onDelete: 'cascade' }),
    role: text('role').notNull(),
    /** Milliseconds since 1970. */
    grantedAt: integer('granted_at').notNull(),
  },
  (table) => [
    primaryKey({ columns: [table.userId, table.role] }),
    index('user_roles_role').on(table.role, table.userId),
  ],
);

/** What happens once in the life of a database. */
export const milestones = sqliteTable('milestones', {
  name: text('name').primaryKey(),
  /** Milliseconds since 1970. */
  reachedAt: integer('reached_at').notNull(),
});

/**
 * Which account each account of another system became. A row outlives its account, so that a repeated import does not
 * restore a deleted one.
 */
export const imports = sqliteTable(
  'imports',
  {
    /** The system: `pms`, `kpa`, or a name that the operator chose. */
    source: text('source').notNull(),
    /** Its id there, or a hash of an id that is long or may be an address: see `features/imports/source-key.ts`. */
    sourceId: text('source_id').notNull(),
    /** Null if, in D1, an address of it belonged to another account. The account may be deleted: ids are not reused. */
    userId: integer('user_id'),
    /** Milliseconds since 1970. */
    importedAt: integer('imported_at').notNull(),
    /**
     * 24 bits of a hash of its addresses there, to detect whether its id has been given to another account. Null if the
     * source has no ids, and once the account is deleted.
     */
    fingerprint: text('fingerprint'),
  },
  (table) => [
    primaryKey({ columns: [table.source, table.sourceId] }),
    index('imports_user').on(table.userId).where(sql`user_id is not null`),
  ],
);
