import type { FieldError } from '../errors.ts';

interface Issue {
  readonly code: string;
  readonly path: readonly PropertyKey[];
  readonly message: string;
  readonly params?: Record<string, unknown> | undefined;
}

/** Converts an issue reported by zod. The input shows whether a field is missing or has the wrong type. */
export function toFieldError(issue: Issue, input: unknown): FieldError {
  const pointer = `#${issue.path.map((key) => `/${escapePointer(String(key))}`).join('')}`;
  const isWholeBody = issue.path.length === 0 && issue.code === 'invalid_type';
  const message = isWholeBody ? 'must be a JSON object' : issue.message;
  return { pointer, code: codeOf(issue, input), message };
}

function codeOf({ code, path, params }: Issue, input: unknown): string {
  if (typeof params?.code === 'string') return params.code;
  // Zod reports a missing member of an enumeration as an invalid value.
  if (code !== 'invalid_type' && code !== 'invalid_value') return code;
  if (valueAt(input, path) === undefined) return 'required';
  return code === 'invalid_type' ? 'wrong_type' : code;
}

function valueAt(input: unknown, path: readonly PropertyKey[]): unknown {
  let value = input;
  for (const key of path) {
    if (typeof value !== 'object' || value === null || !Object.hasOwn(value, key)) return undefined;
    value = Reflect.get(value, key);
  }
  return value;
}

/** Escapes a key for a JSON pointer (RFC 6901 section 3). */
const escapePointer = (key: string): string => key.replaceAll('~', '~0').replaceAll('/', '~1');
