import { sql } from 'drizzle-orm';
import { change, type Statement } from '../../core/db/change.ts';
import type { Database } from '../../core/db/database.ts';
import { users } from '../../core/db/schema.ts';
import type { AuditEvent } from '../audit/event.ts';
import { recordEventIfChanged } from '../audit/statements.ts';
import { OF_ACCESS } from '../codes/code.ts';
import { NO_CODE_FAILURES } from '../codes/statements.ts';
import type { CodeStore, FoundCode } from '../codes/store.ts';
import type { Queueing } from '../messages/store.ts';
import { NO_FAILURES } from '../passwords/lockout.ts';
import type { CredentialStore } from '../passwords/store.ts';
import type { SessionStore } from '../sessions/store.ts';
import { changeUser } from '../users/statements.ts';

interface Reset {
  readonly found: FoundCode;
  readonly passwordHash: string;
  readonly event: AuditEvent;
  /** Queue the notices. */
  readonly notices: readonly Queueing[];
}

export interface RecoveryStore {
  /**
   * Sets a password by a link or code, in one batch: uses it up, verifies its address, drops the unverified address of
   * the other kind, and ends all sessions, links, codes and failures of the account, except links that undo a change.
   * Returns false, and changes nothing, if the link or code is no longer accepted.
   */
  reset(reset: Reset): Promise<boolean>;
}

export interface RecoveryStoreParts {
  readonly db: Database;
  /** Milliseconds since 1970. */
  readonly clock: () => number;
  readonly codes: Pick<CodeStore, 'claim' | 'end'>;
  readonly credentials: Pick<CredentialStore, 'clearFailures'>;
  readonly sessions: Pick<SessionStore, 'endAllOf'>;
}

export function createRecoveryStore(parts: RecoveryStoreParts): RecoveryStore {
  const { db, clock, codes, credentials, sessions } = parts;
  return {
    async reset({ found, passwordHash, event, notices }) {
      const { id } = found.user;
      const now = clock();
      // The hash has a random salt, so no other change can have stored it.
      const isReset = sql`exists (select 1 from ${users} as reset where reset.id = ${id} and reset.password_hash = ${passwordHash})`;
      const consequences: readonly Statement[] = [
        sessions.endAllOf(id, isReset),
        codes.end(id, isReset, { purposes: OF_ACCESS }),
        credentials.clearFailures(id, isReset),
        ...notices.map((notice) => notice(isReset)),
      ];
      const claimed = await change(db, {
        claim: codes.claim(found),
        ifChanged: [
          changeUser(
            db,
            id,
            {
              ...NO_FAILURES,
              ...NO_CODE_FAILURES,
              ...provenAddress(found, now),
              passwordHash,
            },
            now,
          ),
          recordEventIfChanged(db, id, event),
        ],
        consequences,
      });
      return claimed.length > 0;
    },
  };
}

/** The columns of an account that has proved one address: it is verified, and one that was merely typed is dropped. */
function provenAddress({ channel }: FoundCode, now: number) {
  const unless = (verifiedAt: unknown, column: unknown) =>
    sql`case when ${verifiedAt} is not null then ${column} end`;
  return channel === 'email'
    ? {
        emailVerifiedAt: sql`coalesce(${users.emailVerifiedAt}, ${now})`,
        phone: unless(users.phoneVerifiedAt, users.phone),
        phoneNormalized: unless(users.phoneVerifiedAt, users.phoneNormalized),
      }
    : {
        phoneVerifiedAt: sql`coalesce(${users.phoneVerifiedAt}, ${now})`,
        email: unless(users.emailVerifiedAt, users.email),
        emailNormalized: unless(users.emailVerifiedAt, users.emailNormalized),
      };
}
