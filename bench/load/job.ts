// The messages between the benchmark and the load generator: one JSON object per line.

export interface Job {
  readonly port: number;
  readonly seconds: number;
  readonly connections: number;
  /** Complete requests, head and body. The connections send them in rotation. */
  readonly requests: readonly string[];
  /**
   * Requests a second, over all connections. If it is undefined, each connection sends its next request as soon as it
   * has a response.
   */
  readonly perSecond?: number;
  /**
   * Whether the generator busy-waits on its own core. Otherwise the server must wake the sleeping process, which costs
   * it time. A slower server would do so more often, which would favor bare Hono.
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
  /** From the first request to the last response. */
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

/** The id matches a reply to its job, because several jobs may run at once. */
export type Command = { readonly id: number; readonly job: Job };
export type Reply =
  | { readonly id: number; readonly result: JobResult }
  | { readonly id: number; readonly fault: string };
