import { type Column, sql } from 'drizzle-orm';
import type { Database } from '../../core/db/database.ts';
import { users } from '../../core/db/schema.ts';
import type { AuditEvent } from '../audit/event.ts';
import { changeByCode } from '../codes/change-by-code.ts';
import { endAccess } from '../codes/end-access.ts';
import { NO_CODE_FAILURES } from '../codes/statements.ts';
import type { CodeStore, FoundCode } from '../codes/store.ts';
import type { DeviceStore } from '../devices/store.ts';
import type { Locale } from '../messages/message.ts';
import { guessedLocale } from '../messages/statements.ts';
import type { Queueing } from '../messages/store.ts';
import { NO_FAILURES } from '../passwords/lockout.ts';
import type { CredentialStore } from '../passwords/store.ts';
import type { FirstAdmin } from '../roles/first-admin.ts';
import type { SessionStore } from '../sessions/store.ts';
import { addressColumns, addressValues, otherKind, verifiedValue } from '../users/statements.ts';

interface Reset {
  readonly found: FoundCode;
  readonly passwordHash: string;
  readonly locale: Locale;
  readonly event: AuditEvent;
  /** Queue the notices. */
  readonly notices: readonly Queueing[];
}

export interface RecoveryStore {
  /**
   * Sets a password by a link or code, in one batch: uses it up, verifies its address, drops the unverified address of
   * the other kind, and ends all sessions, devices, links, codes and failures of the account, except links that undo a change.
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
  readonly firstAdmin: Pick<FirstAdmin, 'promote'>;
  readonly devices: Pick<DeviceStore, 'endAllOf'>;
  readonly sessions: Pick<SessionStore, 'endAllOf'>;
}

export function createRecoveryStore(parts: RecoveryStoreParts): RecoveryStore {
  const { db, clock, codes, credentials, firstAdmin } = parts;
  return {
    async reset({ found, passwordHash, locale, event, notices }) {
      const { id } = found.user;
      const now = clock();
      // The hash has a random salt, so no other change can have stored it.
      const isReset = sql`exists (select 1 from ${users} as reset where reset.id = ${id} and reset.password_hash = ${passwordHash})`;
      return changeByCode(db, codes, {
        ...{ found, event, now },
        values: {
          ...NO_FAILURES,
          ...NO_CODE_FAILURES,
          ...provenAddress(found, now),
          passwordHash,
          locale: guessedLocale(locale),
        },
        consequences: [
          ...endAccess(parts, id, isReset),
          credentials.clearFailures(id, isReset),
          ...notices.map((notice) => notice(isReset)),
          ...(await firstAdmin.promote(found, event)),
        ],
      });
    },
  };
}

/** The columns of an account that has proved one address: it is verified, and one that was merely typed is dropped. */
function provenAddress({ channel }: FoundCode, now: number) {
  const other = addressColumns(otherKind(channel));
  const ifVerified = (column: Column) =>
    sql`case when ${other.verifiedAt} is not null then ${column} end`;
  return {
    ...verifiedValue(channel, sql`coalesce(${addressColumns(channel).verifiedAt}, ${now})`),
    ...addressValues(otherKind(channel), {
      entered: ifVerified(other.entered),
      normalized: ifVerified(other.normalized),
      verifiedAt: sql`${other.verifiedAt}`,
    }),
  };
}
