import { and, eq, gt, type SQL, sql } from 'drizzle-orm';
import {
  knownDevices,
  knownNetworks,
  loginFailures,
  notices,
  reservedAddresses,
} from '../../core/db/account-schema.ts';
import { change } from '../../core/db/change.ts';
import type { Database } from '../../core/db/database.ts';
import { auditEvents, codes, outbox, sessions, users } from '../../core/db/schema.ts';
import type { AuditEvent } from '../audit/event.ts';
import { eventColumns, recordEventWhere } from '../audit/statements.ts';
import { authTimeColumn } from '../sessions/statements.ts';
import type { SessionStore } from '../sessions/store.ts';
import { userColumns } from '../users/store.ts';

/** An account, and the session that exports it. */
export interface Owner {
  readonly id: number;
  readonly sessionId: string;
}

export interface Row {
  /** Its place: the next page begins after the last row of this one. */
  readonly row: number;
}

export type ExportStore = ReturnType<typeof createExportStore>;

export interface ExportStoreParts {
  readonly db: Database;
  readonly sessions: Pick<SessionStore, 'isLoggedInBy' | 'isFreshlyLoggedInBy'>;
}

/** Rows per page. Reading a page takes an embedded database a few milliseconds, and requests wait meanwhile. */
export const PAGE_ROWS = 200;

const row = sql<number>`rowid`;

/**
 * Reads what is stored about an account, without secrets. Each statement returns nothing once the session has ended.
 * The lists are read in pages, each after a row.
 */
export function createExportStore({ db, sessions: sessionStore }: ExportStoreParts) {
  /** The rows after `after`, if the session is live. */
  const next = (isOwn: SQL, after: number, { id, sessionId }: Owner) =>
    and(
      isOwn,
      gt(row, after),
      sql`exists (select 1 from ${users} where ${users.id} = ${id} and ${sessionStore.isLoggedInBy(sessionId)})`,
    );

  return {
    /** Records the start of an export. Returns false, and records nothing, unless the session is live and fresh. */
    async begin({ id, sessionId }: Owner, event: AuditEvent): Promise<boolean> {
      const isAllowed = sql`exists (select 1 from ${users} where ${users.id} = ${id} and ${sessionStore.isFreshlyLoggedInBy(sessionId)})`;
      const begun = await change(db, {
        claim: recordEventWhere(db, id, event, isAllowed).returning({ id: auditEvents.id }),
      });
      return begun.length > 0;
    },

    async account({ id, sessionId }: Owner) {
      const [account] = await db
        .select({
          ...userColumns,
          emailNormalized: users.emailNormalized,
          phoneNormalized: users.phoneNormalized,
          locale: users.locale,
          hasPassword: sql<number>`${users.passwordHash} is not null`,
          failedLogins: users.failedLogins,
          failingSince: users.failingSince,
          lockedUntil: users.lockedUntil,
          knownFailures: users.knownFailures,
          knownFailingSince: users.knownFailingSince,
          changeFailures: users.changeFailures,
          changeFailingSince: users.changeFailingSince,
          codeFailures: users.codeFailures,
          codeFailingSince: users.codeFailingSince,
          codesLockedUntil: users.codesLockedUntil,
          sessionCodeFailures: users.sessionCodeFailures,
          sessionCodeFailingSince: users.sessionCodeFailingSince,
          sessionCodesLockedUntil: users.sessionCodesLockedUntil,
        })
        .from(users)
        .where(and(eq(users.id, id), sessionStore.isLoggedInBy(sessionId)));
      return account;
    },

    sessions: (owner: Owner, after: number) =>
      db
        .select({
          row,
          id: sessions.id,
          createdAt: sessions.createdAt,
          lastUsedAt: sessions.lastUsedAt,
          expiresAt: sessions.expiresAt,
          authTime: authTimeColumn,
          rotatedAt: sessions.rotatedAt,
          refreshCount: sessions.refreshCount,
          method: sessions.method,
          userAgent: sessions.userAgent,
          address: sessions.address,
          lastNetwork: sessions.lastNetwork,
        })
        .from(sessions)
        .where(next(eq(sessions.userId, owner.id), after, owner))
        .orderBy(row)
        .limit(PAGE_ROWS),

    devices: (owner: Owner, after: number) =>
      db
        .select({
          row,
          id: knownDevices.id,
          createdAt: knownDevices.createdAt,
          lastUsedAt: knownDevices.lastUsedAt,
          expiresAt: knownDevices.expiresAt,
          userAgent: knownDevices.userAgent,
          address: knownDevices.address,
          failures: knownDevices.failures,
        })
        .from(knownDevices)
        .where(next(eq(knownDevices.userId, owner.id), after, owner))
        .orderBy(row)
        .limit(PAGE_ROWS),

    networks: (owner: Owner, after: number) =>
      db
        .select({
          row,
          network: knownNetworks.network,
          lastSeenAt: knownNetworks.lastSeenAt,
          lastLoginAt: knownNetworks.lastLoginAt,
        })
        .from(knownNetworks)
        .where(next(eq(knownNetworks.userId, owner.id), after, owner))
        .orderBy(row)
        .limit(PAGE_ROWS),

    reservedAddresses: (owner: Owner, after: number) =>
      db
        .select({
          row,
          channel: reservedAddresses.channel,
          address: reservedAddresses.address,
          entered: reservedAddresses.entered,
          verifiedAt: reservedAddresses.verifiedAt,
          reservedUntil: reservedAddresses.reservedUntil,
        })
        .from(reservedAddresses)
        .where(next(eq(reservedAddresses.userId, owner.id), after, owner))
        .orderBy(row)
        .limit(PAGE_ROWS),

    codes: (owner: Owner, after: number) =>
      db
        .select({
          row,
          purpose: codes.purpose,
          kind: codes.kind,
          channel: codes.channel,
          entered: codes.entered,
          tries: codes.tries,
          createdAt: codes.createdAt,
          expiresAt: codes.expiresAt,
        })
        .from(codes)
        .where(next(eq(codes.userId, owner.id), after, owner))
        .orderBy(row)
        .limit(PAGE_ROWS),

    messages: (owner: Owner, after: number) =>
      db
        .select({
          row,
          kind: outbox.kind,
          channel: outbox.channel,
          state: outbox.state,
          attempts: outbox.attempts,
          createdAt: outbox.createdAt,
          expiresAt: outbox.expiresAt,
        })
        .from(outbox)
        .where(next(eq(outbox.userId, owner.id), after, owner))
        .orderBy(row)
        .limit(PAGE_ROWS),

    notices: (owner: Owner, after: number) =>
      db
        .select({ row, kind: notices.kind, sentAt: notices.sentAt })
        .from(notices)
        .where(next(eq(notices.userId, owner.id), after, owner))
        .orderBy(row)
        .limit(PAGE_ROWS),

    loginFailures: (owner: Owner, after: number) =>
      db
        .select({
          row,
          network: loginFailures.network,
          failures: loginFailures.failures,
          failingSince: loginFailures.failingSince,
          lockedUntil: loginFailures.lockedUntil,
        })
        .from(loginFailures)
        .where(next(eq(loginFailures.userId, owner.id), after, owner))
        .orderBy(row)
        .limit(PAGE_ROWS),

    events: (owner: Owner, after: number) =>
      db
        .select({ row, ...eventColumns })
        .from(auditEvents)
        .where(next(eq(auditEvents.subjectId, owner.id), after, owner))
        .orderBy(row)
        .limit(PAGE_ROWS),
  };
}
