import type { ErrorCode } from './problems.ts';

/** One field that was refused: where (RFC 6901 pointer as a URI fragment), why, in words for a person. */
export interface FieldError {
  readonly pointer: string;
  readonly code: string;
  readonly message: string;
}

interface AppErrorOptions extends ErrorOptions {
  readonly fields?: readonly FieldError[];
  readonly detail?: string;
  readonly headers?: Readonly<Record<string, string>>;
}

/**
 * A failure with a name. Services and stores throw it; it knows nothing of statuses.
 *
 * @example
 * ```ts
 * throw new AppError('email_taken', { cause: error });
 * ```
 */
export class AppError extends Error {
  override readonly name = 'AppError';
  readonly code: ErrorCode;
  readonly fields: readonly FieldError[];
  /** What to tell a person, where the code's own words do not name the reason. */
  readonly detail: string | undefined;
  /** Facts of this one failure that belong into the answer's headers, such as `Allow`. */
  readonly headers: Readonly<Record<string, string>>;

  constructor(code: ErrorCode, options: AppErrorOptions = {}) {
    super(code, options);
    this.code = code;
    this.fields = options.fields ?? [];
    this.detail = options.detail;
    this.headers = options.headers ?? {};
  }
}

/** Settings that cannot be used. The message names each of them and repeats no value. */
export class ConfigError extends Error {
  override readonly name = 'ConfigError';
  readonly problems: readonly string[];

  constructor(problems: readonly string[]) {
    super(
      `Latchkey cannot start with these settings:\n${problems.map((p) => `  ${p}`).join('\n')}`,
    );
    this.problems = problems;
  }
}

/** Why a program cannot do what it is for. The message is for its user, and says what to do. */
export class CommandError extends Error {
  override readonly name = 'CommandError';
}
