import { inArray, type SQL, sql } from 'drizzle-orm';
import { users } from '../../core/db/schema.ts';
import { LOCALES, type Locale } from './message.ts';

/**
 * The language of a user who has proved an address, by the header fields of that request. It replaces only none, and the
 * guess of the sign-up in an account that has not been changed since: a language that the user has set stays.
 */
export const guessedLocale = (locale: Locale): SQL =>
  sql`case when ${users.locale} is null or (${users.version} = 1 and ${inArray(users.locale, [...LOCALES])}) then ${locale} else ${users.locale} end`;
