import { and, eq, isNotNull, isNull, sql } from 'drizzle-orm';
import type { Config } from '../../config/config.ts';
import { milestones, userRoles } from '../../core/db/account-schema.ts';
import { type Claim, change, type IfChanged, ifChanged } from '../../core/db/change.ts';
import type { Database } from '../../core/db/database.ts';
import { insertWhere } from '../../core/db/insert-where.ts';
import { users } from '../../core/db/schema.ts';
import { ConfigError } from '../../core/errors.ts';
import type { AuditEvent } from '../audit/event.ts';
import { recordEventOfUsers } from '../audit/statements.ts';
import { type Identifier, normalizeEmail, normalizePhone } from '../users/identifier.ts';
import { addressColumns } from '../users/statements.ts';
import { ADMIN } from './role.ts';

/** The name of the row in `milestones`. */
const MILESTONE = 'first_admin';

/** Makes the account with the address of `ADMIN_EMAIL` or `ADMIN_PHONE` an administrator, once per database. */
export interface FirstAdmin {
  /** True if a setting names the address and the account is not an administrator yet. */
  isAwaited(): Promise<boolean>;
  /**
   * Returns the statements that make the account an administrator if it has verified the address, for the batch that
   * verifies one. None if another address was verified, or no setting names one.
   *
   * @param address normalized
   * @param cause the event that records the verification
   */
  promote(address: string, cause: AuditEvent): readonly (Claim | IfChanged)[];
  /** Does the same for an address that was verified before the setting named it. */
  promoteVerified(cause: AuditEvent): Promise<void>;
}

interface FirstAdminParts {
  readonly config: Pick<Config, 'firstAdmin' | 'defaultPhoneRegion'>;
  readonly db: Database;
  /** Milliseconds since 1970. */
  readonly clock: () => number;
}

/** @throws ConfigError if a setting names something else than an address, or both are set */
export function createFirstAdmin({ config, db, clock }: FirstAdminParts): FirstAdmin {
  const firstAdmin = identifierOf(config);

  function statementsOf(cause: AuditEvent): readonly [Claim, ...IfChanged[]] | readonly [] {
    if (!firstAdmin) return [];
    const { normalized, verifiedAt } = addressColumns(firstAdmin.kind);
    const isFirst = and(
      eq(normalized, firstAdmin.normalized),
      isNotNull(verifiedAt),
      isNull(users.disabledAt),
    );
    const now = clock();
    const event: AuditEvent = {
      ...cause,
      action: 'role_change',
      outcome: 'success',
      detail: { granted: [ADMIN], by: firstAdmin.kind === 'email' ? 'ADMIN_EMAIL' : 'ADMIN_PHONE' },
    };
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

  return {
    async isAwaited() {
      if (!firstAdmin) return false;
      const reached = await db.select().from(milestones).where(eq(milestones.name, MILESTONE));
      return reached.length === 0;
    },

    promote: (address, cause) => (address === firstAdmin?.normalized ? statementsOf(cause) : []),

    async promoteVerified(cause) {
      const [claim, ...others] = statementsOf(cause);
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
