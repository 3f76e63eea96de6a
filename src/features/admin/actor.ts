import type { Requester } from '../codes/requests.ts';
import type { LiveSession } from '../sessions/session.ts';
import type { User } from '../users/user.ts';

/** An administrator who acts by a session. Each statement asks again whether it is live, fresh and that of one. */
interface Administrator {
  readonly kind: 'admin';
  readonly user: User;
  readonly session: Pick<LiveSession, 'id'>;
}

/** Somebody who acts by the program, with access to the database. */
interface Operator {
  readonly kind: 'operator';
  /** Recorded in the audit log; not shown to the owner of the account. */
  readonly name: string;
}

/** Who administers accounts. */
export type Actor = Administrator | Operator;

/** One action on an account: who takes it, from where, and why. */
export interface Act extends Pick<Requester, 'caller' | 'later'> {
  readonly actor: Actor;
  /** Recorded in the audit log, where the owner of the account can read it. At most 500 characters. */
  readonly reason: string;
}
