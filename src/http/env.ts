import type { User } from '../users/user.ts';

/** What middleware puts into a request's context. */
export interface Env {
  Variables: {
    requestId: string;
    /** Set by `requireUser` only. */
    user: User;
  };
}
