import type { z } from '@hono/zod-openapi';
import type { Context } from 'hono';
import { AppError } from '../errors.ts';
import type { ErrorCode } from '../problems.ts';
import type { Env } from './env.ts';
import { MAX_BODY_BYTES } from './middleware/read-body.ts';

/** Enough for a login form. Checked after the media type and before the form is parsed. A page has a maximum of its own. */
const MAX_FORM_BYTES = 16 * 1024;
const MAX_FORM_FIELDS = 16;
/** A profile has up to 20 own fields. */
const MAX_PAGE_FIELDS = 40;

const JSON_TYPE = 'application/json';
const FORM = 'application/x-www-form-urlencoded';
const PERCENT_ENCODED = /(?:%[0-9a-f]{2})+/gi;

/** Without `fatal`, invalid UTF-8 would be decoded to U+FFFD, and different passwords would become equal. */
const utf8 = new TextDecoder('utf-8', { fatal: true });

/** The request body of an operation: its format, its maximum size and its failures. */
export interface Body<Content extends object = object> {
  /** In bytes. */
  readonly maxBytes: number;
  /** Decodes the bytes for validation; null for a body that is not text. */
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
  maxBytes: MAX_BODY_BYTES,
  decode(bytes) {
    if (bytes.byteLength > MAX_FORM_BYTES) throw new AppError('payload_too_large');
    return decodeForm(bytes);
  },
  fails: [...READ_FAILURES, 'validation_failed'],
  document: { required: true, description, content: { [FORM]: { schema } } },
});

/**
 * Returns the fields of a URL-encoded form, already read, which a page has submitted.
 *
 * @throws as {@link acceptBody}
 */
export async function formFields(c: Context<Env>): Promise<URLSearchParams> {
  acceptText(c, { decode: (bytes) => decodeForm(bytes, MAX_PAGE_FIELDS), types: [FORM] });
  return new URLSearchParams(await c.req.text());
}

/**
 * A raw file, such as a picture. The handler reads it by `c.get('body')`.
 *
 * @param types accepted media types
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
 * Checks the media type of the body and passes the bytes, already read, to the validation of the operation. By itself,
 * zod-openapi accepts any JSON type in place of another, multipart in place of a URL-encoded form, and a missing body
 * where one is required.
 *
 * @throws AppError `unsupported_media_type`, `unreadable_body` or `validation_failed`
 */
export const acceptBody = (c: Context<Env>, { decode: toText, document }: Body): void =>
  acceptText(c, { decode: toText, types: Object.keys(document.content) });

/** A body as {@link acceptBody} needs it. */
interface Accepted {
  readonly decode: Body['decode'];
  /** Media types. */
  readonly types: readonly string[];
}

/** Returns the media type. @throws AppError `unsupported_media_type` unless it is one of `types` */
export function acceptType(c: Context<Env>, types: readonly string[]): string {
  const given = c.req.header('Content-Type') ?? '';
  const mediaType = given.split(';')[0]?.trim().toLowerCase() ?? '';
  if (types.includes(mediaType)) return mediaType;
  throw new AppError('unsupported_media_type', {
    detail: `The Content-Type must be ${types.join(' or ')}.`,
  });
}

function acceptText(c: Context<Env>, { decode: toText, types }: Accepted): void {
  const mediaType = acceptType(c, types);
  if (toText === null) return;
  const bytes = c.get('body');
  // Hono's cache for bodies that have already been read.
  Object.assign(c.req.bodyCache, {
    arrayBuffer: Promise.resolve(bytes),
    text: Promise.resolve(toText(bytes)),
  });
  // Parameters have no meaning in these types, and the validation rejects some spellings of them.
  if (c.req.header('Content-Type') !== mediaType) c.req.raw = withMediaType(c.req.raw, mediaType);
}

/** Copies the request without its body, which has already been read. */
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

function decodeForm(bytes: ArrayBuffer, maxFields = MAX_FORM_FIELDS): string {
  const form = decode(bytes);
  if (form.split('&', maxFields + 1).length > maxFields) {
    const message = `must have at most ${maxFields} fields`;
    throw new AppError('validation_failed', {
      fields: [{ pointer: '#', code: 'too_many_fields', message }],
    });
  }
  try {
    // `decodeURIComponent` throws on invalid UTF-8; `URLSearchParams` decodes it to U+FFFD.
    for (const [encoded] of form.matchAll(PERCENT_ENCODED)) decodeURIComponent(encoded);
  } catch (cause) {
    throw new AppError('unreadable_body', { cause });
  }
  return form;
}
