import { OpenAPIHono, type RouteConfig } from '@hono/zod-openapi';
import type { MiddlewareHandler } from 'hono';
import { AppError, type FieldError } from '../errors.ts';
import type { Env } from './env.ts';
import { onlyDocumentedBody } from './middleware/body.ts';

/** A router whose refused input becomes a `validation_failed`, told field by field. */
export function createRouter(): OpenAPIHono<Env> {
  return new OpenAPIHono<Env>({
    defaultHook: (result) => {
      if (result.success) return;
      const input: unknown = 'data' in result ? result.data : undefined;
      const fields = result.error.issues.map((issue) => toFieldError(issue, input));
      throw new AppError('validation_failed', { fields });
    },
  });
}

/**
 * An operation with what stands before its handler: the middleware given, and then, where it has a body,
 * the check that it is one of those it documents.
 */
export const behind = <Route extends RouteConfig>(
  route: Route,
  ...middleware: readonly MiddlewareHandler<Env>[]
) => ({
  ...route,
  middleware: [...middleware, ...(route.request?.body ? [onlyDocumentedBody(route)] : [])],
});

interface Issue {
  readonly code: string;
  readonly path: readonly PropertyKey[];
  readonly message: string;
  readonly params?: Record<string, unknown> | undefined;
}

function toFieldError(issue: Issue, input: unknown): FieldError {
  const pointer = `#${issue.path.map((key) => `/${escapePointer(String(key))}`).join('')}`;
  const isWholeBody = issue.path.length === 0 && issue.code === 'invalid_type';
  const message = isWholeBody ? 'must be a JSON object' : issue.message;
  return { pointer, code: codeOf(issue, input), message };
}

function codeOf({ code, path, params }: Issue, input: unknown): string {
  if (typeof params?.code === 'string') return params.code;
  if (code === 'invalid_type')
    return valueAt(input, path) === undefined ? 'required' : 'wrong_type';
  return code;
}

function valueAt(input: unknown, path: readonly PropertyKey[]): unknown {
  let value = input;
  for (const key of path) {
    if (typeof value !== 'object' || value === null || !Object.hasOwn(value, key)) return undefined;
    value = Reflect.get(value, key);
  }
  return value;
}

/** RFC 6901 section 3. */
const escapePointer = (key: string): string => key.replaceAll('~', '~0').replaceAll('/', '~1');
