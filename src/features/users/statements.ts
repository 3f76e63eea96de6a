import { and, eq, type SQL, sql } from 'drizzle-orm';
import { ifChanged, type NewValues } from '../../core/db/change.ts';
import type { Database } from '../../core/db/database.ts';
import { users } from '../../core/db/schema.ts';
import { MAX_BYTES } from '../../core/own-fields/schema.ts';
import { foldCase, type Identifier } from './identifier.ts';
import type { FieldsPatch } from './own-fields.ts';
import type { ProfilePatch } from './user.ts';

/** A prefix that somebody searches for is shorter. In UTF-16 units: some characters become many by folding. */
const MAX_FOLDED_LENGTH = 128;

/** The columns of an account's address of one kind. */
export const addressColumns = (kind: Identifier['kind']) =>
  kind === 'email'
    ? { entered: users.email, normalized: users.emailNormalized, verifiedAt: users.emailVerifiedAt }
    : {
        entered: users.phone,
        normalized: users.phoneNormalized,
        verifiedAt: users.phoneVerifiedAt,
      };

/** The kind of the other address that an account may have. */
export const otherKind = (kind: Identifier['kind']): Identifier['kind'] =>
  kind === 'email' ? 'phone' : 'email';

interface AddressValues {
  readonly entered: string | SQL | null;
  readonly normalized: string | SQL | null;
  readonly verifiedAt: number | SQL | null;
}

/** The values that set an account's address of one kind. */
export const addressValues = (
  kind: Identifier['kind'],
  { entered, normalized, verifiedAt }: AddressValues,
) =>
  kind === 'email'
    ? { email: entered, emailNormalized: normalized, emailVerifiedAt: verifiedAt }
    : { phone: entered, phoneNormalized: normalized, phoneVerifiedAt: verifiedAt };

/** The value that sets when an account's address of one kind was verified. */
export const verifiedValue = (kind: Identifier['kind'], at: number | SQL) =>
  kind === 'email' ? { emailVerifiedAt: at } : { phoneVerifiedAt: at };

export const NO_ADDRESS = { entered: null, normalized: null, verifiedAt: null } as const;

/** A name as searches find it: compatibility forms and letter case are folded. The final sigma is one only at the end. */
export const foldedName = (name: string | null): string | null =>
  name === null
    ? null
    : foldCase(name).replaceAll('ς', 'σ').slice(0, MAX_FOLDED_LENGTH).toWellFormed();

/** The values that set the name of an account. */
export const nameValues = (name: string | null) => ({ name, nameFolded: foldedName(name) });

/** The stored own fields after a merge patch, as the statement finds them. They are a flat object, so null clears. */
export const patchedFields = (patch: FieldsPatch): SQL =>
  patch === null
    ? sql`null`
    : sql`nullif(json_patch(coalesce(${users.fields}, '{}'), ${JSON.stringify(patch)}), '{}')`;

/** True if the own fields are small enough after a merge patch. */
export const areFieldsSmall = (patch: FieldsPatch | undefined): SQL | undefined =>
  patch
    ? sql`coalesce(length(cast(${patchedFields(patch)} as blob)), 0) <= ${MAX_BYTES}`
    : undefined;

/** The values that a patch sets. */
export const patchValues = ({ name, fields, ...others }: ProfilePatch) => ({
  ...others,
  ...(name !== undefined && nameValues(name)),
  ...(fields !== undefined && { fields: patchedFields(fields) }),
});

/** The values that every change of an account sets. @param now milliseconds since 1970 */
export const changedValues = (now: number) => ({
  version: sql`${users.version} + 1`,
  updatedAt: now,
});

export type UserValues = NewValues<typeof users>;

/**
 * Changes an account if the previous statement of the batch changed a row.
 *
 * @param now milliseconds since 1970
 * @param condition must hold for the account as well
 */
export const changeUser = (
  db: Database,
  id: number,
  values: UserValues,
  now: number,
  condition?: SQL,
) =>
  ifChanged((hasChanged) =>
    db
      .update(users)
      .set({ ...values, ...changedValues(now) })
      .where(and(eq(users.id, id), condition, hasChanged)),
  );

/** Disables an account that has no address of the other kind: nobody can reach it. */
export const disabledUnlessReachable = (lost: Identifier['kind'], now: number): SQL =>
  sql`case when ${addressColumns(otherKind(lost)).normalized} is null then coalesce(${users.disabledAt}, ${now}) else ${users.disabledAt} end`;
