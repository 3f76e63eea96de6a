import type { z } from '@hono/zod-openapi';
import type { Context } from 'hono';
import { AppError } from '../errors.ts';
import type { ErrorCode } from '../problems.ts';
import type { Env } from './env.ts';
import { MAX_BODY_BYTES } from './middleware/read-body.ts';

/** A login form: longer ones are refused before they are parsed. */
const MAX_FORM_BYTES = 16 * 1024;
const MAX_FORM_FIELDS = 16;

const JSON_TYPE = 'application/json';
const FORM = 'application/x-www-form-urlencoded';
const PERCENT_ENCODED = /(?:%[0-9a-f]{2})+/gi;

/** Without `fatal`, bytes that are not UTF-8 become U+FFFD: different passwords would be the same. */
const utf8 = new TextDecoder('utf-8', { fatal: true });

/** The body that an operation reads: what it is, how long it may be, and how it can fail. */
export interface Body<Content extends object = object> {
  /** In bytes. */
  readonly maxBytes: number;
  /** Reads the bytes as text. Null for bytes that are not text. */
  readonly decode: ((bytes: ArrayBuffer) => string) | null;
  readonly fails: readonly ErrorCode[];
  /** Its part of the OpenAPI document. */
  readonly document: {
    readonly required: true;
    readonly description: string;
    readonly content: Content;
  };
}

const READ_FAILURES = [
  'unreadable_body',
  'request_timeout',
  'payload_too_large',
  'unsupported_media_type',
] as const satisfies readonly ErrorCode[];

/** A JSON body of at most 64 KB. */
export const json = <Schema extends z.ZodType>(
  schema: Schema,
  description: string,
): Body<{ [JSON_TYPE]: { schema: Schema } }> => ({
  maxBytes: MAX_BODY_BYTES,
  decode,
  fails: ['malformed_json', ...READ_FAILURES, 'validation_failed'],
  document: { required: true, description, content: { [JSON_TYPE]: { schema } } },
});

/** A JSON merge patch (RFC 7396), by its own media type or as plain JSON. */
export const mergePatch = <Schema extends z.ZodType>(
  schema: Schema,
  description: string,
): Body<{
  'application/merge-patch+json': { schema: Schema };
  [JSON_TYPE]: { schema: Schema };
}> => ({
  ...json(schema, description),
  document: {
    required: true,
    description,
    content: { 'application/merge-patch+json': { schema }, [JSON_TYPE]: { schema } },
  },
});

/** A URL-encoded form of at most 16 fields and 16 KB. */
export const form = <Schema extends z.ZodType>(
  schema: Schema,
  description: string,
): Body<{ [FORM]: { schema: Schema } }> => ({
  maxBytes: MAX_FORM_BYTES,
  decode: decodeForm,
  fails: [...READ_FAILURES, 'validation_failed'],
  document: { required: true, description, content: { [FORM]: { schema } } },
});

/**
 * A file as it is, such as a picture; the handler reads it by `c.get('body')`.
 *
 * @param types media types that are accepted
 * @param maxBytes in bytes
 */
export const upload = (
  types: readonly string[],
  maxBytes: number,
  description: string,
): Body<Record<string, { schema: { type: 'string'; format: 'binary' } }>> => ({
  maxBytes,
  decode: null,
  fails: READ_FAILURES,
  document: {
    required: true,
    description,
    content: Object.fromEntries(
      types.map((type) => [type, { schema: { type: 'string', format: 'binary' } as const }]),
    ),
  },
});

/**
 * Hands the body that was read to the validation of the operation. zod-openapi by itself accepts any JSON type for
 * any other, multipart for a URL-encoded form, and a missing body where one is required.
 *
 * @throws AppError `unsupported_media_type`, `unreadable_body` or `validation_failed`
 */
export function acceptBody(c: Context<Env>, { decode: toText, document }: Body): void {
  const given = c.req.header('Content-Type') ?? '';
  const mediaType = given.split(';')[0]?.trim().toLowerCase() ?? '';
  if (!Object.hasOwn(document.content, mediaType)) throw new AppError('unsupported_media_type');
  if (toText === null) return;
  const bytes = c.get('body');
  // Where Hono looks for a body that has been read already.
  Object.assign(c.req.bodyCache, {
    arrayBuffer: Promise.resolve(bytes),
    text: Promise.resolve(toText(bytes)),
  });
  // Parameters have no meaning in these types, and some spellings of them are refused further on.
  if (given !== mediaType) c.req.raw = withMediaType(c.req.raw, mediaType);
}

/** The same request as far as it is still asked: its body has been read. */
function withMediaType(raw: Request, mediaType: string): Request {
  const headers = new Headers(raw.headers);
  headers.set('Content-Type', mediaType);
  return new Request(raw.url, { method: raw.method, headers });
}

function decode(bytes: ArrayBuffer): string {
  try {
    return utf8.decode(bytes);
  } catch (cause) {
    throw new AppError('unreadable_body', { cause });
  }
}

function decodeForm(bytes: ArrayBuffer): string {
  const form = decode(bytes);
  if (form.split('&', MAX_FORM_FIELDS + 1).length > MAX_FORM_FIELDS) {
    const message = `must have at most ${MAX_FORM_FIELDS} fields`;
    throw new AppError('validation_failed', {
      fields: [{ pointer: '#', code: 'too_many_fields', message }],
    });
  }
  try {
    // `decodeURIComponent` refuses what is no UTF-8; `URLSearchParams` would make it U+FFFD.
    for (const [encoded] of form.matchAll(PERCENT_ENCODED)) decodeURIComponent(encoded);
  } catch (cause) {
    throw new AppError('unreadable_body', { cause });
  }
  return form;
}
