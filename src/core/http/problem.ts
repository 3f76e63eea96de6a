import type { Context } from 'hono';
import { HTTPException } from 'hono/http-exception';
import type { ContentfulStatusCode } from 'hono/utils/http-status';
import { describeError, isDatabaseUnavailable } from '../db/database.ts';
import { AppError, ConfigError, type ErrorCode } from '../errors.ts';
import type { Logger } from '../log.ts';
import { answer } from './answer.ts';
import type { Env } from './env.ts';

interface ProblemKind {
  readonly status: ContentfulStatusCode;
  readonly title: string;
  readonly detail: string;
  readonly headers?: Readonly<Record<string, string>>;
}

const BEARER = { 'WWW-Authenticate': 'Bearer' };
const RETRY_SOON = { 'Retry-After': '5' };

/** The one table that binds a code to its status and words (RFC 9457; 401s: RFC 6750 section 3). */
export const PROBLEMS: Readonly<Record<ErrorCode, ProblemKind>> = {
  unreadable_body: {
    status: 400,
    title: 'Unreadable body',
    detail: 'The body broke off, or is not UTF-8.',
  },
  malformed_json: {
    status: 400,
    title: 'Malformed JSON',
    detail: 'The body is not valid JSON.',
  },
  malformed_precondition: {
    status: 400,
    title: 'Malformed precondition',
    detail: 'If-Match must be * or a list of entity tags in double quotes.',
  },
  request_timeout: {
    status: 408,
    title: 'Request timeout',
    detail: 'The body took too long to arrive.',
    headers: { Connection: 'close' },
  },
  email_taken: {
    status: 400,
    title: 'Email taken',
    detail: 'Email already registered',
  },
  phone_taken: {
    status: 400,
    title: 'Phone number taken',
    detail: 'Phone number already registered',
  },
  wrong_email_or_password: {
    status: 400,
    title: 'Login failed',
    detail: 'Incorrect email or password',
  },
  wrong_phone_or_password: {
    status: 401,
    title: 'Login failed',
    detail: 'Invalid phone number or password',
    headers: BEARER,
  },
  wrong_current_password: {
    status: 400,
    title: 'Wrong password',
    detail: 'The current password is wrong.',
  },
  weak_password: {
    status: 400,
    title: 'Weak password',
    detail: 'The password is too short or too easy to guess.',
  },
  invalid_refresh_token: {
    status: 401,
    title: 'Invalid refresh token',
    detail: 'Could not validate credentials.',
    headers: { 'WWW-Authenticate': 'Bearer error="invalid_token"' },
  },
  not_authenticated: {
    status: 401,
    title: 'Not authenticated',
    detail: 'Not authenticated',
    headers: BEARER,
  },
  invalid_token: {
    status: 401,
    title: 'Invalid token',
    detail: 'Could not validate credentials.',
    headers: { 'WWW-Authenticate': 'Bearer error="invalid_token"' },
  },
  origin_refused: {
    status: 403,
    title: 'Origin refused',
    detail: 'A page of this origin may not log in here. CORS_ORIGINS lists those that may.',
  },
  not_found: {
    status: 404,
    title: 'Not found',
    detail: 'There is nothing at this address.',
  },
  method_not_allowed: {
    status: 405,
    title: 'Method not allowed',
    detail: 'This address does not have the method; the Allow header lists those it has.',
  },
  precondition_failed: {
    status: 412,
    title: 'Precondition failed',
    detail: 'The profile has changed since you read it. Read it again and repeat your change.',
  },
  payload_too_large: {
    status: 413,
    title: 'Body too large',
    detail: 'The body is larger than this operation accepts.',
  },
  uri_too_long: {
    status: 414,
    title: 'Address too long',
    detail: 'The address is longer than 4096 characters.',
  },
  unsupported_media_type: {
    status: 415,
    title: 'Unsupported media type',
    detail: 'The body has a Content-Type that this operation does not take.',
  },
  validation_failed: {
    status: 422,
    title: 'Validation failed',
    detail: 'The request has fields that cannot be accepted.',
  },
  too_many_requests: {
    status: 429,
    title: 'Too many requests',
    detail: 'You have done this too often. Try again later; Retry-After says when.',
  },
  internal_error: {
    status: 500,
    title: 'Internal error',
    detail: 'Something went wrong on our side. Quote the request id when you report it.',
  },
  misconfigured: {
    status: 503,
    title: 'Not configured',
    detail: 'The service is not set up correctly; its log names the settings.',
  },
  database_unavailable: {
    status: 503,
    title: 'Database unavailable',
    detail: 'The service cannot reach its database right now. Try again soon.',
    headers: RETRY_SOON,
  },
  overloaded: {
    status: 503,
    title: 'Overloaded',
    detail: 'The service has more to do than it can right now. Try again soon.',
    headers: RETRY_SOON,
  },
};

/** The codes whose problems list the fields that were refused. */
export const CODES_WITH_FIELDS: ReadonlySet<ErrorCode> = new Set([
  'validation_failed',
  'weak_password',
]);

/** Where every failure of a request ends. Nothing that the caller sent, and nothing of ours, is told. */
export const onError =
  (log: Logger) =>
  (thrown: Error, c: Context<Env>): Response => {
    const error = toAppError(thrown);
    const requestId = c.get('requestId');
    // Refusing must stay cheap; the access log has the 503.
    if (PROBLEMS[error.code].status >= 500 && error.code !== 'overloaded') {
      log.error(error.code, { request_id: requestId, error: describeError(thrown) });
    }
    const { status, headers, body } = toProblem(error, requestId);
    return answer(c, body, status, headers);
  };

/** The answer to a failure, in parts: problem details (RFC 9457). */
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

/** The old web client shows `detail` to a person, so it names the field. */
const sentence = ({ pointer, message }: { pointer: string; message: string }): string =>
  `${pointer === '#' ? 'body' : pointer.slice(2)}: ${message}`;

function toAppError(error: Error): AppError {
  if (error instanceof AppError) return error;
  if (error instanceof HTTPException) {
    if (error.status === 415) return new AppError('unsupported_media_type', { cause: error });
    if (error.status === 400) return new AppError('malformed_json', { cause: error });
  }
  if (error instanceof ConfigError) return new AppError('misconfigured', { cause: error });
  if (isDatabaseUnavailable(error)) return new AppError('database_unavailable', { cause: error });
  return new AppError('internal_error', { cause: error });
}
