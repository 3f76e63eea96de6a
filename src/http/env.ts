import type { Session } from '../sessions/session.ts';
import type { User } from '../users/user.ts';

/** What middleware puts into a request's context. */
export interface Env {
  /** What a runtime says of a request beside the request itself. */
  Bindings: {
    clientAddress?: string | undefined;
    /** The process has too much to do to take this request on. */
    isOverloaded?: boolean;
  };
  Variables: {
    requestId: string;
    /** Set by `requireUser` only. */
    user: User;
    /** Set by `requireUser` only. */
    session: Session;
  };
}
