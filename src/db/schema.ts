import { integer, sqliteTable, text } from 'drizzle-orm/sqlite-core';

/**
 * One account. Whoever logs in does so by `email_normalized` or `phone_normalized`; `email` and
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
