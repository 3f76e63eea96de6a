import { and, eq, isNotNull, isNull, sql } from 'drizzle-orm';
import type { Config } from '../../config/config.ts';
import { milestones, userRoles } from '../../core/db/account-schema.ts';
import {
  type Claim,
  type Condition,
  change,
  type IfChanged,
  ifChanged,
  type OnlyIf,
  type Statement,
} from '../../core/db/change.ts';
import type { Database } from '../../core/db/database.ts';
import { insertWhere } from '../../core/db/insert-where.ts';
import { users } from '../../core/db/schema.ts';
import { ConfigError } from '../../core/errors.ts';
import type { AuditEvent } from '../audit/event.ts';
import { isRecorded, recordEventOfUsers } from '../audit/statements.ts';
import { storedLocale } from '../messages/locale.ts';
import type { Notices } from '../notices/service.ts';
import { type Identifier, normalizeEmail, normalizePhone } from '../users/identifier.ts';
import { addressColumns, addressValues, NO_ADDRESS, otherKind } from '../users/statements.ts';
import type { User } from '../users/user.ts';
import { ADMIN } from './role.ts';

/** The name of the row in `milestones`. */
const MILESTONE = 'first_admin';

/** The link or code that verifies an address. */
export interface Proof {
  readonly user: User;
  readonly channel: Identifier['kind'];
  /** Normalized, and as the user entered it. */
  readonly address: string;
  readonly entered: string;
  /** That of the account; null for English. */
  readonly locale: string | null;
  readonly purpose: string;
  /** Given if a session of the account presents it. */
  readonly requires?: Condition | undefined;
}

/** Makes the account with the address of `ADMIN_EMAIL` or `ADMIN_PHONE` an administrator, once per database. */
export interface FirstAdmin {
  /** True for the address that a setting names. @param address normalized */
  isNamed(address: string): boolean;
  /** True if a setting names the address and the account is not an administrator yet. */
  isAwaited(): Promise<boolean>;
  /**
   * Returns the statements that make the account an administrator if it has verified the address, for the batch that
   * verifies one. None if another address was verified, or no setting names one. Links that could undo a change of
   * address end, and a notice goes to the address.
   *
   * Whoever holds the account must be who reads the messages of the address. Whoever opens a link may not be: somebody
   * else may have signed up with the address. A promotion by a link therefore ends all access to the account, with its
   * password and its other address. Then it can be entered by a password reset only.
   *
   * @param cause the event that records the verification
   */
  promote(proof: Proof, cause: AuditEvent): Promise<readonly Statement[]>;
  /** Does the same for an address that was verified before the setting named it. */
  promoteVerified(cause: AuditEvent): Promise<void>;
}

interface FirstAdminParts {
  readonly config: Pick<Config, 'firstAdmin' | 'defaultPhoneRegion'>;
  readonly db: Database;
  /** Milliseconds since 1970. */
  readonly clock: () => number;
  readonly notices: Pick<Notices, 'prepare'>;
  /** Ends the links that undo a change of an account. */
  readonly endUndo: (userId: number, condition: Condition) => OnlyIf;
  /** Ends all that could act for an account, if the condition holds. */
  readonly endAccess: (userId: number, condition: Condition) => readonly OnlyIf[];
}

/** @throws ConfigError if a setting names something else than an address, or both are set */
export function createFirstAdmin(parts: FirstAdminParts): FirstAdmin {
  const { config, db, clock, notices, endUndo, endAccess } = parts;
  const firstAdmin = identifierOf(config);

  const eventOf = (cause: AuditEvent): AuditEvent => ({
    ...cause,
    action: 'role_change',
    outcome: 'success',
    detail: { granted: [ADMIN], by: firstAdmin?.kind === 'email' ? 'ADMIN_EMAIL' : 'ADMIN_PHONE' },
  });

  function statementsOf(event: AuditEvent): readonly [Claim, ...IfChanged[]] | readonly [] {
    if (!firstAdmin) return [];
    const { normalized, verifiedAt } = addressColumns(firstAdmin.kind);
    const isFirst = and(
      eq(normalized, firstAdmin.normalized),
      isNotNull(verifiedAt),
      isNull(users.disabledAt),
    );
    const now = clock();
    const row = { name: MILESTONE, reachedAt: now };
    const hasAccount = sql`exists (select 1 from ${users} where ${isFirst})`;
    return [
      insertWhere(db, milestones, row, hasAccount)
        .onConflictDoNothing()
        .returning({ name: milestones.name }),
      ifChanged((hasChanged) =>
        db
          .insert(userRoles)
          .select(
            sql`select ${users.id}, ${ADMIN}, ${now} from ${users} where ${isFirst} and ${hasChanged}`,
          )
          .onConflictDoNothing(),
      ),
      recordEventOfUsers(db, event, isFirst),
    ];
  }

  const isNamed = (address: string): boolean => address === firstAdmin?.normalized;

  return {
    isNamed,

    async isAwaited() {
      if (!firstAdmin) return false;
      const reached = await db.select().from(milestones).where(eq(milestones.name, MILESTONE));
      return reached.length === 0;
    },

    async promote({ user, channel, address, entered, locale, purpose, requires }, cause) {
      if (!isNamed(address)) return [];
      const event = eventOf(cause);
      const isPromoted = isRecorded(user.id, event);
      // A reset replaces the password and ends all sessions.
      const isByHolder = purpose === 'reset' || requires !== undefined;
      const notice = await notices.prepare({
        kind: 'admin_roles',
        // The batch verifies the address: the notice goes there.
        user: {
          ...user,
          ...(channel === 'email'
            ? { email: entered, emailVerifiedAt: event.at, phoneVerifiedAt: null }
            : { phone: entered, phoneVerifiedAt: event.at, emailVerifiedAt: null }),
        },
        locale: storedLocale(locale),
      });
      return [
        ...statementsOf(event),
        endUndo(user.id, isPromoted),
        ...(isByHolder
          ? []
          : [
              db
                .update(users)
                .set({ ...addressValues(otherKind(channel), NO_ADDRESS), passwordHash: null })
                .where(and(eq(users.id, user.id), isPromoted)),
              ...endAccess(user.id, isPromoted),
            ]),
        ...(notice?.(isPromoted) ?? []),
      ];
    },

    async promoteVerified(cause) {
      const [claim, ...others] = statementsOf(eventOf(cause));
      if (claim) await change(db, { claim, ifChanged: others });
    },
  };
}

function identifierOf({
  firstAdmin: { email, phone },
  defaultPhoneRegion,
}: FirstAdminParts['config']): Identifier | undefined {
  if (email !== undefined && phone !== undefined) {
    throw new ConfigError(['ADMIN_PHONE: must be unset if ADMIN_EMAIL is set']);
  }
  if (email !== undefined) {
    const normalized = normalizeEmail(email);
    if (normalized === undefined) throw new ConfigError(['ADMIN_EMAIL: must be an email address']);
    return { kind: 'email', normalized };
  }
  if (phone === undefined) return undefined;
  const normalized = normalizePhone(phone, defaultPhoneRegion);
  if (normalized === undefined) throw new ConfigError(['ADMIN_PHONE: must be a phone number']);
  return { kind: 'phone', normalized };
}
