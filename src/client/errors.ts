import type { ErrorCode } from './schema.ts';

/** One field that was refused. */
export interface ProblemField {
  /** Where: a JSON pointer (RFC 6901), such as `#/email`. */
  readonly pointer: string;
  readonly code: string;
  /** Why, in words for a person. */
  readonly message: string;
}

/**
 * The codes of the API, `unexpected_answer` for an answer that is not the API's, such as a proxy's error
 * page, and whatever a newer server may have added.
 */
export type ProblemCode = ErrorCode | 'unexpected_answer' | (string & Record<never, never>);

interface ProblemParts {
  readonly status: number;
  readonly code: ProblemCode;
  readonly detail: string;
  readonly errors: readonly ProblemField[];
  readonly requestId: string | undefined;
  readonly retryAfter: number | undefined;
}

/**
 * The server answered, and it was a refusal (RFC 9457) or nothing that the API would say. Decide on
 * `code`, show `detail`, quote `requestId`.
 */
export class ProblemError extends Error {
  override readonly name = 'ProblemError';
  /** The HTTP status. */
  readonly status: number;
  readonly code: ProblemCode;
  /** What to tell a person. */
  readonly detail: string;
  /** The fields that were refused; empty unless `code` is `validation_failed` or `weak_password`. */
  readonly errors: readonly ProblemField[];
  readonly requestId: string | undefined;
  /** Seconds after which to retry, if the server sent `Retry-After`. */
  readonly retryAfter: number | undefined;

  constructor({ status, code, detail, errors, requestId, retryAfter }: ProblemParts) {
    super(`${status} ${code}: ${detail}`);
    this.status = status;
    this.code = code;
    this.detail = detail;
    this.errors = errors;
    this.requestId = requestId;
    this.retryAfter = retryAfter;
  }
}

/** No answer came, or not the whole of one. Whether the server did what was asked is not known. */
export class NetworkError extends Error {
  override readonly name = 'NetworkError';
  /** True if the time was up, rather than the network broken. */
  readonly timedOut: boolean;
  // Not left to `Error`: older engines ignore its second argument.
  override readonly cause: unknown;

  constructor(message: string, { timedOut, cause }: { timedOut: boolean; cause?: unknown }) {
    super(message);
    this.timedOut = timedOut;
    this.cause = cause;
  }
}
