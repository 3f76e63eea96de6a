import type { ErrorCode } from './problems.ts';

/** The name of an error. Unlike the message, it contains no personal data. */
export const nameOf = (error: unknown): string =>
  error instanceof Error ? error.name : typeof error;

/** A rejected field. */
export interface FieldError {
  /** JSON pointer as a URI fragment (RFC 6901 section 6). */
  readonly pointer: string;
  readonly code: string;
  /** The rule that the field breaks, in words for the user. */
  readonly message: string;
}

interface AppErrorOptions extends ErrorOptions {
  readonly fields?: readonly FieldError[];
  readonly detail?: string;
  readonly headers?: Readonly<Record<string, string>>;
}

/**
 * An expected failure, identified by its code. Services and stores throw it; the HTTP layer maps the code to a
 * status.
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
  /** Replaces the default detail of the code. */
  readonly detail: string | undefined;
  /** Response header fields of this failure, such as `Allow`. */
  readonly headers: Readonly<Record<string, string>>;

  constructor(code: ErrorCode, options: AppErrorOptions = {}) {
    super(code, options);
    this.code = code;
    this.fields = options.fields ?? [];
    this.detail = options.detail;
    this.headers = options.headers ?? {};
  }
}

/** Invalid settings. The message lists all problems, without the values of the settings. */
export class ConfigError extends Error {
  override readonly name = 'ConfigError';
  readonly problems: readonly string[];

  constructor(problems: readonly string[]) {
    super(`Invalid settings:\n${problems.map((p) => `  ${p}`).join('\n')}`);
    this.problems = problems;
  }
}

/** The failure of a command-line program. The program shows the message to the user. It explains what to do. */
export class CommandError extends Error {
  override readonly name = 'CommandError';
}

/** An argument that a command does not accept: its form, or the content of a file that it names. */
export class ArgumentError extends CommandError {}
