interface ProblemKind {
  readonly status:
    | 400
    | 401
    | 403
    | 404
    | 405
    | 408
    | 409
    | 412
    | 413
    | 414
    | 415
    | 416
    | 422
    | 429
    | 500
    | 503;
  readonly title: string;
  readonly detail: string;
  readonly headers?: Readonly<Record<string, string>>;
}

const BEARER = { 'WWW-Authenticate': 'Bearer' };
const RETRY_SOON = { 'Retry-After': '5' };

const TABLE = {
  unreadable_body: {
    status: 400,
    title: 'Unreadable body',
    detail: 'The request body is incomplete or is not valid UTF-8.',
  },
  malformed_json: {
    status: 400,
    title: 'Malformed JSON',
    detail: 'The request body is not valid JSON.',
  },
  malformed_precondition: {
    status: 400,
    title: 'Malformed precondition',
    detail: 'If-Match must be * or a list of at most 32 entity tags in double quotes.',
  },
  request_timeout: {
    status: 408,
    title: 'Request timeout',
    detail: 'The request body took too long to arrive.',
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
    detail: 'The current password is incorrect.',
  },
  invalid_code: {
    status: 400,
    title: 'Invalid code',
    detail: 'The code or link is wrong, expired or used.',
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
  reauthentication_required: {
    status: 401,
    title: 'Re-authentication required',
    detail: 'This operation requires a recent authentication. Re-authenticate and retry.',
    // RFC 9470 section 3.
    headers: {
      'WWW-Authenticate': 'Bearer error="insufficient_user_authentication", max_age=600',
    },
  },
  origin_refused: {
    status: 403,
    title: 'Origin not allowed',
    detail: 'Pages of this origin may not log in. CORS_ORIGINS lists the allowed origins.',
  },
  signup_closed: {
    status: 403,
    title: 'Sign-up closed',
    detail: 'New accounts cannot be created here.',
  },
  verification_required: {
    status: 403,
    title: 'Verification required',
    detail: 'Verify your address first. A message with a link and a code was sent to it.',
  },
  forbidden: {
    status: 403,
    title: 'Forbidden',
    detail: 'Your account does not have the role that this operation requires.',
  },
  not_found: {
    status: 404,
    title: 'Not found',
    detail: 'Not found.',
  },
  method_not_allowed: {
    status: 405,
    title: 'Method not allowed',
    detail: 'This path does not support the method. The Allow header lists the supported methods.',
  },
  already_verified: {
    status: 409,
    title: 'Already verified',
    detail: 'The address is already verified.',
  },
  no_address: {
    status: 409,
    title: 'No address',
    detail: 'The account has no address of this kind.',
  },
  last_admin: {
    status: 409,
    title: 'Last administrator',
    detail:
      'The account is the last administrator who can log in. Make another account an administrator first.',
  },
  precondition_failed: {
    status: 412,
    title: 'Precondition failed',
    detail: 'The profile has changed since you read it. Read it again and retry your change.',
  },
  payload_too_large: {
    status: 413,
    title: 'Request body too large',
    detail: 'The request body exceeds the size limit of this operation.',
  },
  uri_too_long: {
    status: 414,
    title: 'URI too long',
    detail: 'The request URI is longer than 4096 characters.',
  },
  unsupported_media_type: {
    status: 415,
    title: 'Unsupported media type',
    detail: 'This operation does not support the Content-Type of the request body.',
  },
  range_not_satisfiable: {
    status: 416,
    title: 'Range not satisfiable',
    detail: 'The range begins after the end of the file.',
  },
  invalid_image: {
    status: 422,
    title: 'Invalid image',
    detail: 'The file is not a PNG, JPEG or WebP image that is accepted.',
  },
  validation_failed: {
    status: 422,
    title: 'Validation failed',
    detail: 'One or more fields are invalid.',
  },
  too_many_requests: {
    status: 429,
    title: 'Too many requests',
    detail: 'Too many requests. Retry after the number of seconds in Retry-After.',
  },
  internal_error: {
    status: 500,
    title: 'Internal server error',
    detail: 'An unexpected error occurred. Include the request id when you report it.',
  },
  misconfigured: {
    status: 503,
    title: 'Misconfigured',
    detail: 'The service is misconfigured. Its log names the cause.',
  },
  messages_off: {
    status: 503,
    title: 'Messages off',
    detail: 'The service sends no messages of this kind.',
  },
  avatars_off: {
    status: 503,
    title: 'Pictures off',
    detail: 'The service stores no pictures.',
  },
  files_unavailable: {
    status: 503,
    title: 'Files unavailable',
    detail: 'The store of files is unavailable. Retry later.',
    headers: RETRY_SOON,
  },
  database_unavailable: {
    status: 503,
    title: 'Database unavailable',
    detail: 'The database is unavailable. Retry later.',
    headers: RETRY_SOON,
  },
  overloaded: {
    status: 503,
    title: 'Overloaded',
    detail: 'The service is overloaded. Retry later.',
    headers: RETRY_SOON,
  },
} as const satisfies Readonly<Record<string, ProblemKind>>;

/** One code per cause of a failed request. */
export type ErrorCode = keyof typeof TABLE;

/** The status, texts and header fields of each code (RFC 9457; for 401, RFC 6750 section 3). */
export const PROBLEMS: Readonly<Record<ErrorCode, ProblemKind>> = TABLE;

/** Every code, in the order of the table. */
export const ERROR_CODES: readonly ErrorCode[] = Object.keys(TABLE).filter(
  (code): code is ErrorCode => Object.hasOwn(TABLE, code),
);
