import type { Caller } from '../caller.ts';
import type { Head } from './head.ts';

/** What middleware puts into a request's context. Read it by `c.get`: `c.var` copies all of it each time. */
export interface Env {
  /** What a runtime knows of a request beside the request itself. */
  Bindings: {
    clientAddress?: string | undefined;
    /** The process is overloaded and must refuse this request. */
    isOverloaded?: boolean;
    /** Counts the bytes that have come in, where the runtime does. */
    connection?: { readonly bytesRead: number } | undefined;
  };
  Variables: {
    requestId: string;
    /** Who sends the request. */
    caller: Caller;
    /** The header fields that the answer will have. */
    head: Head;
    /** The body, as bytes; set by the operation's contract. */
    body: ArrayBuffer;
  };
}
