import { sql } from 'drizzle-orm';
import { change } from '../../core/db/change.ts';
import type { Database } from '../../core/db/database.ts';
import { users } from '../../core/db/schema.ts';
import type { AuditEvent } from '../audit/event.ts';
import { recordEventIfChanged } from '../audit/statements.ts';
import type { CodeStore, FoundCode } from '../codes/store.ts';
import { changeUser } from '../users/statements.ts';

export interface VerificationStore {
  /** Verifies the address of a link or code, in one batch. Returns false if it is no longer accepted. */
  verify(found: FoundCode, event: AuditEvent): Promise<boolean>;
}

interface VerificationStoreParts {
  readonly db: Database;
  /** Milliseconds since 1970. */
  readonly clock: () => number;
  readonly codes: Pick<CodeStore, 'claim' | 'end'>;
}

export const createVerificationStore = ({
  db,
  clock,
  codes,
}: VerificationStoreParts): VerificationStore => ({
  async verify(found, event) {
    const { id } = found.user;
    const now = clock();
    const isEmail = found.channel === 'email';
    const verifiedAt = isEmail ? users.emailVerifiedAt : users.phoneVerifiedAt;
    const isVerified = sql`exists (select 1 from ${users} where ${users.id} = ${id} and ${verifiedAt} = ${now})`;
    const claimed = await change(db, {
      claim: codes.claim(found),
      ifChanged: [
        changeUser(db, id, isEmail ? { emailVerifiedAt: now } : { phoneVerifiedAt: now }, now),
        recordEventIfChanged(db, id, event),
      ],
      // A verified address can no longer be released.
      consequences: [
        codes.end(id, isVerified, { purposes: ['verify', 'release'], address: found.address }),
      ],
    });
    return claimed.length > 0;
  },
});
