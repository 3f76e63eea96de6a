import type { z } from '@hono/zod-openapi';
import { AppError } from '../../core/errors.ts';
import { toFieldError } from '../../core/http/field-errors.ts';

/**
 * Validates the fields of a form. A field that is left empty counts as absent.
 *
 * @throws AppError `validation_failed`
 */
export function parseFields<Schema extends z.ZodType>(
  schema: Schema,
  fields: URLSearchParams,
): z.infer<Schema> {
  const given = Object.fromEntries([...fields].filter(([, value]) => value !== ''));
  const parsed = schema.safeParse(given);
  if (parsed.success) return parsed.data;
  throw new AppError('validation_failed', {
    fields: parsed.error.issues.map((issue) => toFieldError(issue, given)),
  });
}

/** What the user has entered, to show it again. */
export const entered = (fields: URLSearchParams | undefined, name: string): string | undefined =>
  fields?.get(name) ?? undefined;
