import { type Condition, change, type Statement } from '../../core/db/change.ts';
import type { Database } from '../../core/db/database.ts';
import type { AuditEvent } from '../audit/event.ts';
import { recordEventIfChanged } from '../audit/statements.ts';
import { changeUser, type UserValues } from '../users/statements.ts';
import type { CodeStore, FoundCode } from './store.ts';

/** A change of an account that a link or a code allows. */
interface CodeChange {
  readonly found: FoundCode;
  readonly values: UserValues;
  /** Must hold for the account, besides what the link or code requires. */
  readonly condition?: Condition | undefined;
  /** Recorded if the account was changed. */
  readonly event: AuditEvent;
  /** Milliseconds since 1970. */
  readonly now: number;
  readonly before?: readonly Statement[];
  readonly consequences: readonly Statement[];
}

/**
 * Uses a link or code up and changes its account, in one batch. Returns false, and changes nothing, if it is no longer
 * accepted.
 */
export async function changeByCode(
  db: Database,
  codes: Pick<CodeStore, 'claim'>,
  { found, values, condition, event, now, before = [], consequences }: CodeChange,
): Promise<boolean> {
  const { id } = found.user;
  const claimed = await change(db, {
    before,
    claim: codes.claim(found),
    ifChanged: [changeUser(db, id, values, now, condition), recordEventIfChanged(db, id, event)],
    consequences,
  });
  return claimed.length > 0;
}
