import { sql } from 'drizzle-orm';
import {
  index,
  integer,
  primaryKey,
  sqliteTable,
  text,
  uniqueIndex,
} from 'drizzle-orm/sqlite-core';

/**
 * One account. A login finds it by `email_normalized` or `phone_normalized`; `email` and
 * `phone` are what the person typed and are only shown. Every migration adds, none rebuilds: a
 * constraint that a later way to log in would break (no password, no email) must not stand here.
 */
export const users = sqliteTable('users', {
  /** AUTOINCREMENT: an id is never used again, so an old token can never meet a new person. */
  id: integer('id').primaryKey({ autoIncrement: true }),
  email: text('email'),
  emailNormalized: text('email_normalized').unique('users_email_unique'),
  phone: text('phone'),
  /** E.164. */
  phoneNormalized: text('phone_normalized').unique('users_phone_unique'),
  /** When the account was disabled, in milliseconds since 1970; null where it is not. */
  disabledAt: integer('disabled_at'),
  /** Wrong passwords in a row from networks that the account has not logged in from. */
  failedLogins: integer('failed_logins').notNull().default(0),
  /** When the first of them was. Milliseconds since 1970; null where there is none. */
  failingSince: integer('failing_since'),
  /** Until when such networks are locked out, even with the right password. Milliseconds since 1970. */
  lockedUntil: integer('locked_until'),
  /** Wrong passwords in a row from networks that it has logged in from, and when the first one was. */
  knownFailures: integer('known_failures').notNull().default(0),
  knownFailingSince: integer('known_failing_since'),
  /** Wrong current passwords in a row at a change of the password, and when the first one was. */
  changeFailures: integer('change_failures').notNull().default(0),
  changeFailingSince: integer('change_failing_since'),
  /** PHC string, or null for who has no password. */
  passwordHash: text('password_hash'),
  name: text('name'),
  bio: text('bio').notNull().default(''),
  /** Grows with each change of the profile; the `ETag`. */
  version: integer('version').notNull().default(1),
  /** Milliseconds since 1970. */
  createdAt: integer('created_at').notNull(),
  /** Milliseconds since 1970. */
  updatedAt: integer('updated_at').notNull(),
});

/** How often something was done in the window of a limit. */
export const rateLimits = sqliteTable(
  'rate_limits',
  {
    /** What is limited, and for whom: a keyed hash of an address or a name. */
    key: text('key').primaryKey(),
    hits: integer('hits').notNull(),
    /** When the window ends. Milliseconds since 1970. */
    resetsAt: integer('resets_at').notNull(),
  },
  (table) => [index('rate_limits_resets_at').on(table.resetsAt)],
);

/** One login that is still good for something. Ending it deletes the row. */
export const sessions = sqliteTable(
  'sessions',
  {
    /** At least 128 random bits, base64url. The `sid` of its access tokens. */
    id: text('id').primaryKey(),
    userId: integer('user_id')
      .notNull()
      .references(() => users.id, { onDelete: 'cascade' }),
    /** Which refresh token is the newest: the count that stands in it. */
    refreshCount: integer('refresh_count').notNull().default(0),
    /** When the newest refresh token took its parent's place. Milliseconds since 1970. */
    rotatedAt: integer('rotated_at').notNull(),
    createdAt: integer('created_at').notNull(),
    /** Written at most once a minute. */
    lastUsedAt: integer('last_used_at').notNull(),
    /** When it ends however much it is used. */
    expiresAt: integer('expires_at').notNull(),
    /** How its user proved who they are: `password`. */
    method: text('method').notNull(),
    userAgent: text('user_agent'),
    address: text('address'),
    /** The network of its last use: an IPv4 address or an IPv6 /64. */
    lastNetwork: text('last_network'),
    /** How often it was refreshed in the window of the limit. Here, so that a refresh writes one row. */
    refreshHits: integer('refresh_hits').notNull().default(0),
    /** When that window ends. Milliseconds since 1970. */
    refreshResetsAt: integer('refresh_resets_at').notNull().default(0),
  },
  (table) => [
    index('sessions_user').on(table.userId, table.createdAt),
    // For housekeeping: the two ways in which a session ends by itself.
    index('sessions_expires').on(table.expiresAt),
    index('sessions_last_used').on(table.lastUsedAt),
  ],
);

/** A network that an account has been used from: an IPv4 address or an IPv6 /64. */
export const knownNetworks = sqliteTable(
  'known_networks',
  {
    userId: integer('user_id')
      .notNull()
      .references(() => users.id, { onDelete: 'cascade' }),
    network: text('network').notNull(),
    /** Milliseconds since 1970. A login sets both; the use of a session sets the first, once a day. */
    lastSeenAt: integer('last_seen_at').notNull(),
    /** Null where no login came from there. */
    lastLoginAt: integer('last_login_at'),
  },
  (table) => [
    primaryKey({ columns: [table.userId, table.network] }),
    index('known_networks_last_seen').on(table.lastSeenAt),
  ],
);

/** Wrong passwords in a row for one account from one network. */
export const loginFailures = sqliteTable(
  'login_failures',
  {
    userId: integer('user_id')
      .notNull()
      .references(() => users.id, { onDelete: 'cascade' }),
    /** Empty where the address of the client is unknown. */
    network: text('network').notNull(),
    failures: integer('failures').notNull(),
    /** Milliseconds since 1970. */
    failingSince: integer('failing_since').notNull(),
    /** Until when this network is locked out of the account. Milliseconds since 1970. */
    lockedUntil: integer('locked_until'),
  },
  (table) => [
    primaryKey({ columns: [table.userId, table.network] }),
    index('login_failures_since').on(table.failingSince),
  ],
);

/** Refused logins that belong to no account's record, counted by network and hour. */
export const refusedLogins = sqliteTable(
  'refused_logins',
  {
    /** When the hour began. Milliseconds since 1970. */
    hour: integer('hour').notNull(),
    /** An IPv4 address or an IPv6 /48; empty where the address of the client is unknown. */
    network: text('network').notNull(),
    count: integer('count').notNull(),
  },
  (table) => [primaryKey({ columns: [table.hour, table.network] })],
);

/** What happened to accounts. Rows are added, never changed; they outlive their user. */
export const auditEvents = sqliteTable(
  'audit_events',
  {
    id: integer('id').primaryKey({ autoIncrement: true }),
    /** Milliseconds since 1970. */
    at: integer('at').notNull(),
    /** The user who did it; null if the caller was not logged in. */
    actorId: integer('actor_id'),
    /** The account that it was done to; null if there is none. */
    subjectId: integer('subject_id'),
    action: text('action').notNull(),
    outcome: text('outcome', { enum: ['success', 'failure'] }).notNull(),
    address: text('address'),
    userAgent: text('user_agent'),
    requestId: text('request_id').notNull(),
    /** JSON object. Names and counts, never a secret and never what a field held. */
    detail: text('detail').notNull().default('{}'),
  },
  (table) => [
    index('audit_events_subject').on(table.subjectId, table.id),
    index('audit_events_at').on(table.at),
  ],
);

/** Keys that access tokens are signed with, where the algorithm is an asymmetric one. */
export const signingKeys = sqliteTable(
  'signing_keys',
  {
    /** Thumbprint of the public part (RFC 7638). The `kid` of its tokens. */
    kid: text('kid').primaryKey(),
    algorithm: text('algorithm').notNull(),
    state: text('state', { enum: ['next', 'current', 'previous'] }).notNull(),
    /** JWK (RFC 7517), public members only. */
    publicKey: text('public_key').notNull(),
    /** JWK of the private part, encrypted under a key derived from `SECRET_KEY`; null once retired. */
    sealedPrivateKey: text('sealed_private_key'),
    /** Milliseconds since 1970. */
    createdAt: integer('created_at').notNull(),
    /** When it became the previous one; null before. */
    retiredAt: integer('retired_at'),
  },
  (table) => [
    uniqueIndex('signing_keys_one_of_each')
      .on(table.algorithm, table.state)
      .where(sql`state <> 'previous'`),
  ],
);
