/** Returns the code of a system or driver error, such as `ENOENT`; `unknown error` if it has none. */
export const codeOfError = (error: unknown): string =>
  error instanceof Error && 'code' in error && typeof error.code === 'string'
    ? error.code
    : 'unknown error';
