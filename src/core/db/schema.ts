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
 * An account. A login finds it by `email_normalized` or `phone_normalized`; `email` and `phone` keep the user's
 * spelling and are for display only. Migrations only add and never rebuild a table. So no constraint may exclude
 * accounts of a later login method, without a password or an email address.
 */
export const users = sqliteTable(
  'users',
  {
    /** AUTOINCREMENT: ids are never reused, so an old token can never refer to another account. */
    id: integer('id').primaryKey({ autoIncrement: true }),
    email: text('email'),
    emailNormalized: text('email_normalized').unique('users_email_unique'),
    phone: text('phone'),
    /** E.164. */
    phoneNormalized: text('phone_normalized').unique('users_phone_unique'),
    /** When the account was disabled, in milliseconds since 1970; null if it is enabled. */
    disabledAt: integer('disabled_at'),
    /** Consecutive wrong passwords from networks that the account has not logged in from. */
    failedLogins: integer('failed_logins').notNull().default(0),
    /** Time of the first of these failures. Milliseconds since 1970; null if there are none. */
    failingSince: integer('failing_since'),
    /**
     * When the lockout of these networks ends. Until then, even the correct password is rejected. Milliseconds since
     * 1970.
     */
    lockedUntil: integer('locked_until'),
    /**
     * Consecutive wrong passwords from networks that the account has logged in from, and the time of the first failure.
     */
    knownFailures: integer('known_failures').notNull().default(0),
    knownFailingSince: integer('known_failing_since'),
    /**
     * Consecutive wrong passwords in password changes and re-authentications, and the time of the first failure.
     */
    changeFailures: integer('change_failures').notNull().default(0),
    changeFailingSince: integer('change_failing_since'),
    /**
     * When the account has proved that it reads this address. Milliseconds since 1970; null if it has not. The profile
     * shows whether it is null, so a change increments `version`.
     */
    emailVerifiedAt: integer('email_verified_at'),
    phoneVerifiedAt: integer('phone_verified_at'),
    /** Wrong codes of resets and logins since `code_failing_since`: anybody can enter them. */
    codeFailures: integer('code_failures').notNull().default(0),
    codeFailingSince: integer('code_failing_since'),
    /** Until when resets and logins accept links only, and no codes. Milliseconds since 1970. */
    codesLockedUntil: integer('codes_locked_until'),
    /** The same of the codes that only sessions of the account can enter. */
    sessionCodeFailures: integer('session_code_failures').notNull().default(0),
    sessionCodeFailingSince: integer('session_code_failing_since'),
    sessionCodesLockedUntil: integer('session_codes_locked_until'),
    /** PHC string; null if the account has no password. */
    passwordHash: text('password_hash'),
    name: text('name'),
    bio: text('bio').notNull().default(''),
    /** Incremented by each change of the profile; part of its `ETag`. */
    version: integer('version').notNull().default(1),
    /** Milliseconds since 1970. */
    createdAt: integer('created_at').notNull(),
    /** Milliseconds since 1970. */
    updatedAt: integer('updated_at').notNull(),
    /** The language of the user and of notices, a BCP 47 tag; null for English. */
    locale: text('locale'),
    /** The name in NFKC and lower case, for searches by prefix; null in rows older than the column, until housekeeping. */
    nameFolded: text('name_folded'),
    /** The row of `avatars` with the current picture; null if there is none. */
    avatarKey: text('avatar_key'),
    /** An IANA time zone. */
    timeZone: text('time_zone'),
    /** JSON object of the values of `PROFILE_FIELDS`; null if there are none. */
    fields: text('fields'),
  },
  // SQLite ends the entries of an index with the id. So each of these lists is a range of one index.
  (table) => [
    index('users_name_folded').on(table.nameFolded).where(sql`name_folded is not null`),
    index('users_unfolded')
      .on(table.createdAt)
      .where(sql`name is not null and name_folded is null`),
    index('users_disabled').on(table.disabledAt).where(sql`disabled_at is not null`),
    index('users_locked').on(table.lockedUntil).where(sql`locked_until is not null`),
    index('users_unverified')
      .on(table.createdAt)
      .where(sql`email_verified_at is null and phone_verified_at is null`),
  ],
);

/** The counter of a limit in its current window. */
export const rateLimits = sqliteTable(
  'rate_limits',
  {
    /** The name of the limit, and a keyed hash of the address or the account name that it counts. */
    key: text('key').primaryKey(),
    hits: integer('hits').notNull(),
    /** When the window ends. Milliseconds since 1970. */
    resetsAt: integer('resets_at').notNull(),
  },
  (table) => [index('rate_limits_resets_at').on(table.resetsAt)],
);

/** A session. Ending it deletes the row. */
export const sessions = sqliteTable(
  'sessions',
  {
    /** At least 128 random bits, base64url. The `sid` claim of its access tokens. */
    id: text('id').primaryKey(),
    userId: integer('user_id')
      .notNull()
      .references(() => users.id, { onDelete: 'cascade' }),
    /** The count in the newest refresh token. */
    refreshCount: integer('refresh_count').notNull().default(0),
    /** When the newest refresh token replaced the previous one. Milliseconds since 1970. */
    rotatedAt: integer('rotated_at').notNull(),
    createdAt: integer('created_at').notNull(),
    /** Written at most once a minute. */
    lastUsedAt: integer('last_used_at').notNull(),
    /** When the session ends, regardless of use. */
    expiresAt: integer('expires_at').notNull(),
    /** How the user authenticated: `password`. */
    method: text('method').notNull(),
    userAgent: text('user_agent'),
    address: text('address'),
    /** The network of its last use: an IPv4 address or an IPv6 /64. */
    lastNetwork: text('last_network'),
    /** Refreshes in the current window of the limit. Kept here so that a refresh writes only one row. */
    refreshHits: integer('refresh_hits').notNull().default(0),
    /** When that window ends. Milliseconds since 1970. */
    refreshResetsAt: integer('refresh_resets_at').notNull().default(0),
    /** When the user last authenticated in it. Milliseconds since 1970; null in rows older than the column. */
    authTime: integer('auth_time'),
  },
  (table) => [
    index('sessions_user').on(table.userId, table.createdAt),
    // For housekeeping: one index for the absolute timeout, one for the idle timeout.
    index('sessions_expires').on(table.expiresAt),
    index('sessions_last_used').on(table.lastUsedAt),
  ],
);

/**
 * A link or a code that was sent to an address and has not been used. Using it deletes the row. One that no user has is
 * a decoy: a request for an unknown name writes the same rows as for a known one.
 */
export const codes = sqliteTable(
  'codes',
  {
    /** Keyed hash of the token of a link, or of a code with its purpose, user and address. */
    hash: text('hash').primaryKey(),
    userId: integer('user_id').references(() => users.id, { onDelete: 'cascade' }),
    /** The only operation that accepts it. */
    purpose: text('purpose').notNull(),
    kind: text('kind', { enum: ['link', 'code'] }).notNull(),
    channel: text('channel', { enum: ['email', 'phone'] }).notNull(),
    /** The address that it concerns: normalized, and as the user entered it. */
    address: text('address').notNull(),
    entered: text('entered').notNull(),
    /** Wrong codes that were tried against it. */
    tries: integer('tries').notNull().default(0),
    /** Milliseconds since 1970. */
    createdAt: integer('created_at').notNull(),
    expiresAt: integer('expires_at').notNull(),
  },
  (table) => [
    index('codes_user').on(table.userId, table.purpose),
    index('codes_expires').on(table.expiresAt),
  ],
);

/** A message to an address: waiting to be sent, or what became of it. */
export const outbox = sqliteTable(
  'outbox',
  {
    /** Random. The Message-ID of the mail, and the idempotency key of the provider. */
    id: text('id').primaryKey(),
    userId: integer('user_id').references(() => users.id, { onDelete: 'set null' }),
    kind: text('kind').notNull(),
    channel: text('channel', { enum: ['email', 'phone'] }).notNull(),
    /** The address and the content, encrypted under a key derived from `SECRET_KEY`; null once settled. */
    sealed: text('sealed'),
    /** A `decoy` is never sent: a request for an unknown name writes one. */
    state: text('state', { enum: ['waiting', 'sent', 'rejected', 'dead', 'decoy'] }).notNull(),
    attempts: integer('attempts').notNull().default(0),
    /** The earliest time of the next attempt. Milliseconds since 1970, like all times here. */
    notBefore: integer('not_before').notNull(),
    /** Until when one server has it to itself; null if none has. */
    lockedUntil: integer('locked_until'),
    createdAt: integer('created_at').notNull(),
    /** When its code expires: nothing is sent after that. */
    expiresAt: integer('expires_at').notNull(),
  },
  (table) => [
    index('outbox_waiting').on(table.notBefore).where(sql`state = 'waiting'`),
    index('outbox_expires').on(table.expiresAt),
    // For the messages of one account. Decoys have none.
    index('outbox_user').on(table.userId).where(sql`user_id is not null`),
    // For counts. The messages that wait have an index above.
    index('outbox_ended').on(table.state).where(sql`state <> 'waiting'`),
  ],
);

/** The number of rejected logins per network and hour that are not in any account's audit log. */
export const refusedLogins = sqliteTable(
  'refused_logins',
  {
    /** Start of the hour. Milliseconds since 1970. */
    hour: integer('hour').notNull(),
    /** An IPv4 address or an IPv6 /48; empty if the client's address is unknown. */
    network: text('network').notNull(),
    count: integer('count').notNull(),
  },
  (table) => [primaryKey({ columns: [table.hour, table.network] })],
);

/** The audit log of accounts. Append-only; rows outlive their user. */
export const auditEvents = sqliteTable(
  'audit_events',
  {
    id: integer('id').primaryKey({ autoIncrement: true }),
    /** Milliseconds since 1970. */
    at: integer('at').notNull(),
    /** The acting user; null if the caller was not logged in. */
    actorId: integer('actor_id'),
    /** The affected account; null if there is none. */
    subjectId: integer('subject_id'),
    action: text('action').notNull(),
    outcome: text('outcome', { enum: ['success', 'failure'] }).notNull(),
    address: text('address'),
    userAgent: text('user_agent'),
    requestId: text('request_id').notNull(),
    /** JSON object of names and counts. Never contains a secret or the value of a field. */
    detail: text('detail').notNull().default('{}'),
  },
  (table) => [
    index('audit_events_subject').on(table.subjectId, table.id),
    index('audit_events_at').on(table.at),
    index('audit_events_action').on(table.action, table.outcome, table.at),
    // What administrators have done to accounts of others.
    index('audit_events_acted').on(table.actorId, table.id).where(sql`actor_id <> subject_id`),
  ],
);

/** The signing keys of access tokens, for asymmetric algorithms. */
export const signingKeys = sqliteTable(
  'signing_keys',
  {
    /** Thumbprint of the public key (RFC 7638). The `kid` of its tokens. */
    kid: text('kid').primaryKey(),
    algorithm: text('algorithm').notNull(),
    state: text('state', { enum: ['next', 'current', 'previous'] }).notNull(),
    /** JWK (RFC 7517), public members only. */
    publicKey: text('public_key').notNull(),
    /** JWK of the private key, encrypted under a key derived from `SECRET_KEY`; null once retired. */
    sealedPrivateKey: text('sealed_private_key'),
    /** Milliseconds since 1970. */
    createdAt: integer('created_at').notNull(),
    /** When the key became `previous`; null until then. Milliseconds since 1970. */
    retiredAt: integer('retired_at'),
  },
  (table) => [
    uniqueIndex('signing_keys_one_of_each')
      .on(table.algorithm, table.state)
      .where(sql`state <> 'previous'`),
  ],
);
