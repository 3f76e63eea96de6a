import type { Caller } from '../caller.ts';
import type { TraceContext } from '../trace.ts';
import type { Head } from './head.ts';

/** The context of a request. Read variables with `c.get`: `c.var` copies all of them on each access. */
export interface Env {
  /** Information that the runtime passes with a request. */
  Bindings: {
    clientAddress?: string | undefined;
    /** True if the process is overloaded and must reject this request. */
    isOverloaded?: boolean;
    /** Bytes received on the connection, if the runtime counts them. */
    connection?: { readonly bytesRead: number } | undefined;
  };
  Variables: {
    requestId: string;
    /** The trace that the request belongs to. Set only if there is one. */
    trace: TraceContext;
    caller: Caller;
    /** The header fields of the response. */
    head: Head;
    /** The request body. Set for every method except GET. */
    body: ArrayBuffer;
  };
}
