import { z } from '@hono/zod-openapi';
import { AppError } from '../errors.ts';
import { ERROR_CODES, type ErrorCode, PROBLEMS } from '../problems.ts';
import { CODES_WITH_FIELDS, toProblem } from './problem.ts';

const REQUEST_ID = '0b9e6f0e-6f0a-4f7c-9a53-0d1f6c1f7a11';

const problemSchema = z
  .object({
    type: z.string().openapi({
      description: 'URI of the problem type.',
      example: 'urn:latchkey:problem:not_authenticated',
    }),
    title: z
      .string()
      .openapi({ description: 'Short summary of the problem type.', example: 'Not authenticated' }),
    status: z.number().int().openapi({ description: 'HTTP status code.', example: 401 }),
    detail: z
      .string()
      .openapi({ description: 'Explanation for the user.', example: 'Not authenticated' }),
    code: z.enum(ERROR_CODES).openapi({
      description: 'Stable error code for programs. Later versions may add codes.',
      example: 'not_authenticated',
    }),
    instance: z.string().openapi({
      description: 'URI of this occurrence.',
      example: `urn:latchkey:request:${REQUEST_ID}`,
    }),
    request_id: z.string().openapi({
      description: 'The X-Request-Id of this response. Include it in bug reports.',
      example: REQUEST_ID,
    }),
  })
  .openapi('Problem', { description: 'Problem details (RFC 9457).' });

const validationProblemSchema = problemSchema
  .extend({
    errors: z
      .array(
        z.object({
          pointer: z
            .string()
            .openapi({ description: 'JSON Pointer to the field (RFC 6901).', example: '#/email' }),
          code: z
            .string()
            .openapi({ description: 'Code of the violated rule.', example: 'invalid_email' }),
          message: z.string().openapi({
            description: 'The violated rule, as text.',
            example: 'must be an email address',
          }),
        }),
      )
      .openapi({ description: 'The rejected fields.' }),
  })
  .openapi('ValidationProblem', {
    description: 'Problem details with the rejected fields.',
  });

/**
 * Documents the failures of an operation. Codes with the same status share one response. Adds `uri_too_long`,
 * `too_many_requests` and `overloaded`, which every operation has. Its type adds no responses, because handlers return
 * successes only: failures are thrown.
 */
export const problems = (codes: readonly ErrorCode[], details: Details): Record<never, never> =>
  onlyProblems([...codes, 'uri_too_long', 'too_many_requests', 'overloaded'], details);

/** Problem details that replace the default ones. */
export type Details = Readonly<Partial<Record<ErrorCode, string>>>;

/**
 * Like {@link problems}, but without the added codes. For an operation that is neither limited nor rejected under
 * overload.
 */
export function onlyProblems(codes: readonly ErrorCode[], details: Details): Record<never, never> {
  const byStatus = new Map<number, ErrorCode[]>();
  for (const code of codes) {
    const { status } = PROBLEMS[code];
    byStatus.set(status, [...(byStatus.get(status) ?? []), code]);
  }
  return Object.fromEntries(
    [...byStatus].map(([status, ofStatus]) => [
      status,
      {
        description: ofStatus
          .map((code) => `\`${code}\`: ${details[code] ?? PROBLEMS[code].detail}`)
          .join('\n\n'),
        content: {
          'application/problem+json': {
            schema: schemaOf(ofStatus),
            examples: Object.fromEntries(
              ofStatus.map((code) => [code, exampleOf(code, details[code])]),
            ),
          },
        },
      },
    ]),
  );
}

/** Returns the schema of the problems that share a status. Only some of them list fields. */
function schemaOf(codes: readonly ErrorCode[]): z.ZodType {
  const withFields = codes.filter((code) => CODES_WITH_FIELDS.has(code));
  if (withFields.length === 0) return problemSchema;
  if (withFields.length === codes.length) return validationProblemSchema;
  return validationProblemSchema.or(problemSchema);
}

/** Returns an example of a problem: a reference to the document's components, unless the detail differs. */
const exampleOf = (code: ErrorCode, detail: string | undefined) =>
  detail === undefined ? { $ref: `#/components/examples/${code}` } : problemExample(code, detail);

/** A problem as the API returns it, for `components.examples`. */
export function problemExample(code: ErrorCode, detail?: string) {
  const field =
    code === 'weak_password'
      ? { pointer: '#/password', code: 'too_short', message: 'must have at least 8 characters' }
      : { pointer: '#/email', code: 'invalid_email', message: 'must be an email address' };
  const error = new AppError(code, {
    ...(detail !== undefined && { detail }),
    ...(CODES_WITH_FIELDS.has(code) && { fields: [field] }),
  });
  const value: unknown = JSON.parse(toProblem(error, REQUEST_ID).body);
  return { summary: PROBLEMS[code].title, value };
}
