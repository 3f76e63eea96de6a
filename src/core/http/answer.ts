import type { Context, TypedResponse } from 'hono';
import type { ContentfulStatusCode, RedirectStatusCode, StatusCode } from 'hono/utils/http-status';
import type { JSONParsed } from 'hono/utils/types';
import { utf8 } from '../crypto/bytes.ts';
import type { Env } from './env.ts';

/**
 * Header fields by their names, each always written with the same capitals. A plain record on purpose: to
 * fill, copy and read out a `Headers` object takes longer than the query of a profile.
 *
 * Where one is made for each request its own fields come first, then those of another (`{ Vary: '*', ...head }`).
 * The other way round, and where fields are added to one that is there, V8 makes a dictionary of a record with
 * so many, which takes four times as long to make, and longer to copy and to read.
 */
export type Head = Record<string, string>;

/** Adds fields to those that the answer to a request will have; what a list has already stays in it. */
export function setHeaders(c: Context<Env>, headers: Readonly<Head>): void {
  const head = c.get('head');
  const added: Head = {};
  for (const name in headers) {
    const [earlier, value] = [head[name], headers[name] ?? ''];
    if (earlier === undefined) added[name] = value;
    else head[name] = `${earlier}, ${value}`;
  }
  c.set('head', { ...added, ...head });
}

/** An answer with the fields that were set for it; those given here come before them. */
export const answer = (
  c: Context<Env>,
  body: BodyInit | null,
  status: StatusCode,
  headers?: Readonly<Head>,
): Response =>
  new Response(body, { status, headers: withLength(c, body, { ...c.get('head'), ...headers }) });

/**
 * An answer to HEAD must not tell another length than GET's (RFC 9110 section 8.6). Hono takes its body away,
 * and for one without Bun and Deno write 0.
 */
function withLength(c: Context<Env>, body: BodyInit | null, head: Head): Head {
  if (c.req.raw.method === 'HEAD' && typeof body === 'string') {
    head['Content-Length'] = String(utf8(body).length);
  }
  return head;
}

const jsonText = (c: Context<Env>, text: string, status: StatusCode, headers?: Readonly<Head>) =>
  new Response(text, {
    status,
    headers: withLength(c, text, {
      'Content-Type': 'application/json',
      ...c.get('head'),
      ...headers,
    }),
  });

/** An answer in JSON. */
export const json = <Body, Status extends ContentfulStatusCode>(
  c: Context<Env>,
  body: Body,
  status: Status,
  headers?: Readonly<Head>,
): Response & TypedResponse<JSONParsed<Body>, Status, 'json'> =>
  // Hono's types know a typed answer by a mark that no answer has at run time.
  jsonText(c, JSON.stringify(body), status, headers) as Response &
    TypedResponse<JSONParsed<Body>, Status, 'json'>;

/** An answer without a body. */
export const empty = <Status extends 204 | 304>(
  c: Context<Env>,
  status: Status,
  headers?: Readonly<Head>,
): Response & TypedResponse<null, Status, 'body'> =>
  // As above.
  answer(c, null, status, headers) as Response & TypedResponse<null, Status, 'body'>;

/** Sends the client elsewhere. */
export const redirect = (c: Context<Env>, location: string, status: RedirectStatusCode): Response =>
  answer(c, null, status, { Location: location });
