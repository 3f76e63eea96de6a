import type { Context } from 'hono';
import { HTTPException } from 'hono/http-exception';
import { describeError, isDatabaseUnavailable } from '../db/database.ts';
import { AppError, ConfigError } from '../errors.ts';
import type { Logger } from '../log.ts';
import type { Meter } from '../metrics/meter.ts';
import { type ErrorCode, PROBLEMS } from '../problems.ts';
import { answer } from './answer.ts';
import type { Env } from './env.ts';

/** The codes whose problems list the rejected fields. */
export const CODES_WITH_FIELDS: ReadonlySet<ErrorCode> = new Set([
  'validation_failed',
  'weak_password',
]);

/** Where failures are reported. */
export interface ErrorReports {
  readonly log: Logger;
  readonly meter: Meter;
}

/**
 * Converts every failure of a request to a response. The response contains neither input of the caller nor internals.
 */
export const onError =
  (reports: ErrorReports) =>
  (thrown: Error, c: Context<Env>): Response => {
    const error = reportError(reports, thrown, c);
    const { status, headers, body } = toProblem(error, c.get('requestId'));
    return answer(c, body, status, headers);
  };

/** Returns a failure as an error with a code. Logs and counts it if the server is to blame. */
export function reportError(
  { log, meter }: ErrorReports,
  thrown: unknown,
  c: Pick<Context<Env>, 'get'>,
): AppError {
  const error = toAppError(thrown);
  const { status } = PROBLEMS[error.code];
  if (status === 503) meter.count('latchkey_unavailable_responses_total', { code: error.code });
  // A rejection under overload must stay cheap, and the access log already contains the 503.
  if (status >= 500 && error.code !== 'overloaded') {
    log.error(error.code, { request_id: c.get('requestId'), error: describeError(thrown) });
  }
  return error;
}

/** Returns the status, header fields and body of a failure: problem details (RFC 9457). */
export function toProblem(error: AppError, requestId: string) {
  const { status, title, detail, headers } = PROBLEMS[error.code];
  const [firstField] = error.fields;
  const problem = {
    type: `urn:latchkey:problem:${error.code}`,
    title,
    status,
    detail: error.detail ?? (firstField ? sentence(firstField) : detail),
    code: error.code,
    instance: `urn:latchkey:request:${requestId}`,
    request_id: requestId,
    ...(CODES_WITH_FIELDS.has(error.code) && { errors: error.fields }),
  };
  return {
    status,
    headers: { ...headers, ...error.headers, 'Content-Type': 'application/problem+json' },
    body: JSON.stringify(problem),
  };
}

/** Names the field, because the old web client shows only `detail` to its user. */
const sentence = ({ pointer, message }: { pointer: string; message: string }): string =>
  `${pointer === '#' ? 'body' : pointer.slice(2)}: ${message}`;

function toAppError(error: unknown): AppError {
  if (error instanceof AppError) return error;
  if (error instanceof HTTPException) {
    if (error.status === 415) return new AppError('unsupported_media_type', { cause: error });
    if (error.status === 400) return new AppError('malformed_json', { cause: error });
  }
  if (error instanceof ConfigError) return new AppError('misconfigured', { cause: error });
  if (isDatabaseUnavailable(error)) return new AppError('database_unavailable', { cause: error });
  return new AppError('internal_error', { cause: error });
}
