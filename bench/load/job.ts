// The messages to and from the load generator: one JSON object per line.

export interface Job {
  readonly port: number;
  readonly seconds: number;
  readonly connections: number;
  /** Complete requests, head and body. The connections send them in rotation. */
  readonly requests: readonly string[];
  /**
   * Requests a second over all connections. Without it, each connection sends its next request as soon as it has an
   * answer.
   */
  readonly perSecond?: number;
  /**
   * Whether the generator busy-waits on its own core. Waking a sleeping process costs the server time, the more often
   * the slower the server is, and would thus favor bare Hono.
   */
  readonly isAwake?: boolean;
  /**
   * One refresh token per connection. A connection first sends this token, then always the token from its last
   * response. The token replaces `{refresh_token}` in the request, which must end with enough blanks.
   */
  readonly refreshTokens?: readonly string[];
  /** Jobs with the same name share a position in the request list: each job starts where the previous one stopped. */
  readonly name: string;
}

export interface JobResult {
  readonly answers: number;
  /** From the first request to the last answer. */
  readonly seconds: number;
  readonly perSecond: number;
  /** Latency, in milliseconds. */
  readonly p50: number;
  readonly p99: number;
  readonly max: number;
  /** The share of one core that the generator used. Near 1, the generator was the bottleneck. */
  readonly busy: number;
  /** The newest refresh token of each connection. */
  readonly refreshTokens?: readonly string[];
}

/** The id matches a reply to its job, since several jobs may run at once. */
export type Command = { readonly id: number; readonly job: Job };
export type Reply =
  | { readonly id: number; readonly result: JobResult }
  | { readonly id: number; readonly fault: string };
