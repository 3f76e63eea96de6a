import { and, eq, gt, type SQL, sql } from 'drizzle-orm';
import {
  avatars,
  imports,
  knownDevices,
  knownNetworks,
  loginFailures,
  notices,
  reservedAddresses,
  userRoles,
} from '../../core/db/account-schema.ts';
import { type Condition, change } from '../../core/db/change.ts';
import type { Database } from '../../core/db/database.ts';
import { auditEvents, codes, outbox, sessions, users } from '../../core/db/schema.ts';
import type { AuditEvent } from '../audit/event.ts';
import { eventColumns, recordEventWhere } from '../audit/statements.ts';
import { authTimeColumn } from '../sessions/statements.ts';
import type { SessionStore } from '../sessions/store.ts';
import { userColumns } from '../users/store.ts';

/** An account, and the session of its owner that exports it. */
export interface Owner {
  readonly id: number;
  readonly sessionId: string;
}

/** An account that somebody exports who has the database, and needs no session. */
export interface ExportedAccount {
  readonly id: number;
  readonly operator: string;
  /** Recorded in the audit log. */
  readonly reason: string;
}

/** Whose account is exported, and by whom. */
export type Subject = Owner | ExportedAccount;

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
 * Reads what is stored about an account, without secrets. Each statement returns nothing once the session of its
 * owner has ended. The lists are read in pages, each after a row.
 */
export function createExportStore({ db, sessions: sessionStore }: ExportStoreParts) {
  /** True while the account may be exported: for its owner, while the session is live. */
  const isAllowed = (subject: Subject): Condition =>
    'sessionId' in subject ? sessionStore.isLoggedInBy(subject.sessionId) : sql`true`;

  /** The rows after `after`, while the account may be exported. */
  const next = (isOwn: SQL, after: number, subject: Subject) =>
    and(
      isOwn,
      gt(row, after),
      sql`exists (select 1 from ${users} where ${users.id} = ${subject.id} and ${isAllowed(subject)})`,
    );

  return {
    /**
     * Records the start of an export. Returns false, and records nothing, unless the account exists and the session of
     * its owner is live and fresh.
     */
    async begin(subject: Subject, event: AuditEvent): Promise<boolean> {
      const mayBegin =
        'sessionId' in subject ? sessionStore.isFreshlyLoggedInBy(subject.sessionId) : sql`true`;
      const exists = sql`exists (select 1 from ${users} where ${users.id} = ${subject.id} and ${mayBegin})`;
      const begun = await change(db, {
        claim: recordEventWhere(db, subject.id, event, exists).returning({ id: auditEvents.id }),
      });
      return begun.length > 0;
    },

    async account(subject: Subject) {
      const [account] = await db
        .select({
          ...userColumns,
          emailNormalized: users.emailNormalized,
          phoneNormalized: users.phoneNormalized,
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
          // As JSON: a list of names and times.
          roles: sql<string>`(select json_group_array(json_object('role', held.role, 'grantedAt', held.granted_at)) from ${userRoles} as held where held.user_id = ${users.id})`,
        })
        .from(users)
        .where(and(eq(users.id, subject.id), isAllowed(subject)));
      return account;
    },

    /** The picture that the account shows. */
    async avatar(subject: Subject) {
      const [avatar] = await db
        .select({ key: avatars.key, size: avatars.size, createdAt: avatars.createdAt })
        .from(avatars)
        .where(
          sql`${avatars.key} = (select ${users.avatarKey} from ${users} where ${users.id} = ${subject.id} and ${isAllowed(subject)})`,
        );
      return avatar;
    },

    sessions: (owner: Subject, after: number) =>
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

    devices: (owner: Subject, after: number) =>
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

    networks: (owner: Subject, after: number) =>
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

    reservedAddresses: (owner: Subject, after: number) =>
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

    codes: (owner: Subject, after: number) =>
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

    messages: (owner: Subject, after: number) =>
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

    notices: (owner: Subject, after: number) =>
      db
        .select({ row, kind: notices.kind, sentAt: notices.sentAt })
        .from(notices)
        .where(next(eq(notices.userId, owner.id), after, owner))
        .orderBy(row)
        .limit(PAGE_ROWS),

    loginFailures: (owner: Subject, after: number) =>
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

    imports: (owner: Subject, after: number) =>
      db
        .select({
          row,
          source: imports.source,
          sourceId: imports.sourceId,
          importedAt: imports.importedAt,
        })
        .from(imports)
        .where(next(eq(imports.userId, owner.id), after, owner))
        .orderBy(row)
        .limit(PAGE_ROWS),

    events: (owner: Subject, after: number) =>
      db
        .select({ row, ...eventColumns })
        .from(auditEvents)
        .where(next(eq(auditEvents.subjectId, owner.id), after, owner))
        .orderBy(row)
        .limit(PAGE_ROWS),
  };
}
