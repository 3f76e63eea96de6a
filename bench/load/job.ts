// What the load generator is told, and what it tells; one JSON object a line each way.

export interface Job {
  readonly port: number;
  readonly seconds: number;
  readonly connections: number;
  /** Whole requests, head and body. The connections take them in turns, over and over. */
  readonly requests: readonly string[];
  /**
   * Requests a second over all connections. Without it each connection asks again as soon as it is
   * answered.
   */
  readonly perSecond?: number;
  /**
   * Whether the generator stays awake, on a core of its own. To wake a sleeper is work for the server that
   * answers it, and the slower the server, the more often: bare Hono would hardly pay.
   */
  readonly isAwake?: boolean;
  /**
   * Refresh tokens, one a connection: each sends its own, and then the one that the answer brought.
   * `{refresh_token}` in a request stands for it, with blanks enough at its end.
   */
  readonly refreshTokens?: readonly string[];
  /** Goes on at the end of the list where the last job with this name stopped. */
  readonly name: string;
}

export interface JobResult {
  readonly answers: number;
  /** From the first request to the last answer. */
  readonly seconds: number;
  readonly perSecond: number;
  /** Time of an answer, in milliseconds. */
  readonly p50: number;
  readonly p99: number;
  readonly max: number;
  /** How much of one core the generator itself has used: near 1 it is what was measured. */
  readonly busy: number;
  /** The newest refresh token of each connection. */
  readonly refreshTokens?: readonly string[];
}

/** A number ties an answer to its job: several may run at once. */
export type Command = { readonly id: number; readonly job: Job };
export type Reply =
  | { readonly id: number; readonly result: JobResult }
  | { readonly id: number; readonly fault: string };
