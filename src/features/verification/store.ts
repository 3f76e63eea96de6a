import { sql } from 'drizzle-orm';
import type { Database } from '../../core/db/database.ts';
import { users } from '../../core/db/schema.ts';
import type { AuditEvent } from '../audit/event.ts';
import { changeByCode } from '../codes/change-by-code.ts';
import type { CodeStore, FoundCode } from '../codes/store.ts';
import type { Locale } from '../messages/message.ts';
import { guessedLocale } from '../messages/statements.ts';
import type { FirstAdmin } from '../roles/first-admin.ts';
import { addressColumns, verifiedValue } from '../users/statements.ts';

export interface VerificationStore {
  /** Verifies the address of a link or code, in one batch. Returns false if it is no longer accepted. */
  verify(found: FoundCode, event: AuditEvent, locale: Locale): Promise<boolean>;
}

interface VerificationStoreParts {
  readonly db: Database;
  /** Milliseconds since 1970. */
  readonly clock: () => number;
  readonly codes: Pick<CodeStore, 'claim' | 'end'>;
  readonly firstAdmin: Pick<FirstAdmin, 'promote'>;
}

export const createVerificationStore = ({
  db,
  clock,
  codes,
  firstAdmin,
}: VerificationStoreParts): VerificationStore => ({
  async verify(found, event, locale) {
    const { user, channel, address } = found;
    const now = clock();
    const { verifiedAt } = addressColumns(channel);
    const isVerified = sql`exists (select 1 from ${users} where ${users.id} = ${user.id} and ${verifiedAt} = ${now})`;
    return changeByCode(db, codes, {
      ...{ found, event, now },
      values: { ...verifiedValue(channel, now), locale: guessedLocale(locale) },
      // A verified address can no longer be released.
      consequences: [
        codes.end(user.id, isVerified, { purposes: ['verify', 'release'], address }),
        ...(await firstAdmin.promote(found, event)),
      ],
    });
  },
});
