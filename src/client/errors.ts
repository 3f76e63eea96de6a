import type { ErrorCode } from './schema.ts';

/** A field that the server rejected. */
export interface ProblemField {
  /** The JSON pointer of the field (RFC 6901), such as `#/email`. */
  readonly pointer: string;
  readonly code: string;
  /** The reason, readable for users. */
  readonly message: string;
}

/**
 * The error codes of the API. `unexpected_answer` stands for a response that does not come from the API, such as a
 * proxy's error page. A newer server may add codes.
 */
export type ProblemCode = ErrorCode | 'unexpected_answer' | (string & Record<never, never>);

interface ProblemParts {
  readonly status: number;
  readonly code: ProblemCode;
  readonly detail: string;
  readonly errors: readonly ProblemField[];
  readonly requestId: string | undefined;
  readonly retryAfter: number | undefined;
  /** Added to the message, for developers only. */
  readonly hint?: string;
}

/**
 * The server responded with a problem (RFC 9457), or with something that does not come from the API. Branch on
 * `code`, show `detail` to the user, quote `requestId` in bug reports.
 */
export class ProblemError extends Error {
  override readonly name = 'ProblemError';
  /** The HTTP status. */
  readonly status: number;
  readonly code: ProblemCode;
  /** The explanation to show to the user. */
  readonly detail: string;
  /** The rejected fields; empty unless `code` is `validation_failed` or `weak_password`. */
  readonly errors: readonly ProblemField[];
  readonly requestId: string | undefined;
  /** Seconds after which to retry, if the server sent `Retry-After`. */
  readonly retryAfter: number | undefined;

  constructor({ status, code, detail, errors, requestId, retryAfter, hint = '' }: ProblemParts) {
    super(`${status} ${code}: ${detail}${hint}`);
    this.status = status;
    this.code = code;
    this.detail = detail;
    this.errors = errors;
    this.requestId = requestId;
    this.retryAfter = retryAfter;
  }
}

/** No response arrived, or an incomplete one. The server may or may not have processed the request. */
export class NetworkError extends Error {
  override readonly name = 'NetworkError';
  /** True for a timeout, false for a network failure. */
  readonly timedOut: boolean;
  // Set here and not by `super`: older engines ignore the second argument of `Error`.
  override readonly cause: unknown;

  constructor(message: string, { timedOut, cause }: { timedOut: boolean; cause?: unknown }) {
    super(message);
    this.timedOut = timedOut;
    this.cause = cause;
  }
}
