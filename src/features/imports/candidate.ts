import type { NewAddress } from '../users/new-address.ts';

/** A checked account, ready to be stored. Times are milliseconds since 1970. */
export interface Candidate {
  readonly place: string;
  /** Its id in the source. */
  readonly id: string;
  /** What `imports.source_id` holds for it. */
  readonly key: string;
  /** What `imports.fingerprint` holds for it. */
  readonly fingerprint: string | null;
  /** The id that the account gets; null for the next one. */
  readonly keepId: number | null;
  readonly email: NewAddress | null;
  readonly phone: NewAddress | null;
  readonly emailVerifiedAt: number | null;
  readonly phoneVerifiedAt: number | null;
  readonly passwordHash: string | null;
  readonly name: string | null;
  readonly bio: string;
  readonly locale: string | null;
  readonly timeZone: string | null;
  readonly fields: string | null;
  readonly disabledAt: number | null;
  readonly createdAt: number;
  readonly updatedAt: number;
}
