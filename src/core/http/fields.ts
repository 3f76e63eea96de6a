import { z } from '@hono/zod-openapi';
import { codePoints, trimSpace } from '../text.ts';

interface TextRules {
  readonly min?: number;
  readonly max: number;
  readonly refuse?: RegExp;
  /** The Unicode normal form in which the length is counted. */
  readonly normalForm?: 'NFC';
  /** True if surrounding white space is removed before validation. */
  readonly trimmed?: boolean;
}

/** A string whose minimum and maximum length count code points, not UTF-16 code units. */
export const text = ({ min = 0, max, refuse, normalForm, trimmed = false }: TextRules) => {
  const length = (value: string) => codePoints(normalForm ? value.normalize(normalForm) : value);
  const string = z.string({
    error: ({ input }) => (input === undefined ? 'is required' : 'must be a string'),
  });
  return (trimmed ? string.overwrite(trimSpace) : string)
    .refine((value) => value.isWellFormed(), {
      error: 'must be well-formed Unicode',
      params: { code: 'malformed_unicode' },
      abort: true,
    })
    .refine((value) => length(value) >= min, {
      error: min === 1 ? 'must not be empty' : `must have at least ${min} characters`,
      params: { code: 'too_short' },
      abort: true,
    })
    .refine((value) => length(value) <= max, {
      error: `must have at most ${max} characters`,
      params: { code: 'too_long' },
      abort: true,
    })
    .refine((value) => !refuse?.test(value), {
      error: 'must not contain control characters',
      params: { code: 'control_character' },
    });
};

export const timeField = z.string().openapi({
  description: 'Time (RFC 3339, UTC).',
  example: '2026-01-01T12:00:00.000Z',
  format: 'date-time',
});
