import type { TraceContext } from './trace.ts';

/** A span that has started. */
export interface Span {
  /** What its children and outgoing requests refer to. */
  readonly trace: TraceContext | undefined;
}

/** The span of a request to this server. */
export interface RequestSpan extends Span {
  /** Runs the work of the request as the active span, for spans that others create. */
  run(work: () => Promise<void>): Promise<void>;
  /** @param route the pattern of its route, never its path */
  end(route: string, status: number): void;
}

/** The span of an outgoing request or of a call of the database. */
export interface ClientSpan extends Span {
  /** @param failure the type of the error; `undefined` for success */
  end(failure?: string | undefined, status?: number | undefined): void;
}

/** Creates spans. No attribute of a span may name a person, an address or a secret. */
export interface Tracer {
  /**
   * @param method a listed method, or `_OTHER`
   * @param incoming what the caller has sent
   */
  startRequest(method: string, incoming: TraceContext | undefined): RequestSpan;
  /** @param parent the trace that it is sent on behalf of; `undefined` starts a new one */
  startOutgoing(method: string, url: string, parent: TraceContext | undefined): ClientSpan;
  /** Starts the span of a call of the database. Returns `undefined` outside a request. */
  startQuery(operation: string): ClientSpan | undefined;
}
