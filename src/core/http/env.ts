import type { Claims } from '../../features/sessions/access-token.ts';
import type { LiveSession } from '../../features/sessions/session.ts';
import type { User } from '../../features/users/user.ts';
import type { Head } from './answer.ts';

/** What middleware puts into a request's context. Read it by `c.get`: `c.var` makes a copy of all each time. */
export interface Env {
  /** What a runtime says of a request beside the request itself. */
  Bindings: {
    clientAddress?: string | undefined;
    /** The process has too much to do to take this request on. */
    isOverloaded?: boolean;
    /** Counts the bytes that have come in, where the runtime does. */
    connection?: { readonly bytesRead: number } | undefined;
  };
  Variables: {
    requestId: string;
    /** The header fields that the answer will have. */
    head: Head;
    /** Set by `readBody`, for what may have one. */
    body: ArrayBuffer;
    /** Set by `requireToken` only. */
    claims: Claims;
    /** Set by `requireUser` only. */
    user: User;
    /** Set by `requireUser` only. */
    session: LiveSession;
  };
}
