import type { TypedResponse } from 'hono';
import type { ContentfulStatusCode, RedirectStatusCode, StatusCode } from 'hono/utils/http-status';
import type { JSONParsed } from 'hono/utils/types';
import { utf8 } from '../crypto/bytes.ts';
import type { Head } from './head.ts';

/** The part of a context that answers need, whatever its guard has set. */
interface Answering {
  get(key: 'head'): Head;
  set(key: 'head', head: Head): void;
  readonly req: { readonly raw: { readonly method: string } };
}

/** Adds fields to those that the answer to a request will have; what a list has already stays in it. */
export function setHeaders(c: Answering, headers: Readonly<Head>): void {
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
  c: Answering,
  body: BodyInit | null,
  status: StatusCode,
  headers?: Readonly<Head>,
): Response =>
  new Response(body, { status, headers: withLength(c, body, { ...c.get('head'), ...headers }) });

/**
 * An answer to HEAD must not tell another length than GET's (RFC 9110 section 8.6). Hono takes its body away,
 * and for one without Bun and Deno write 0.
 */
function withLength(c: Answering, body: BodyInit | null, head: Head): Head {
  if (c.req.raw.method === 'HEAD' && typeof body === 'string') {
    head['Content-Length'] = String(utf8(body).length);
  }
  return head;
}

const jsonText = (c: Answering, text: string, status: StatusCode, headers?: Readonly<Head>) =>
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
  c: Answering,
  body: Body,
  status: Status,
  headers?: Readonly<Head>,
): Response & TypedResponse<JSONParsed<Body>, Status, 'json'> =>
  // Hono's types know a typed answer by a mark that no answer has at run time.
  jsonText(c, JSON.stringify(body), status, headers) as Response &
    TypedResponse<JSONParsed<Body>, Status, 'json'>;

/** An answer without a body. */
export const empty = <Status extends 204 | 304>(
  c: Answering,
  status: Status,
  headers?: Readonly<Head>,
): Response & TypedResponse<null, Status, 'body'> =>
  // As above.
  answer(c, null, status, headers) as Response & TypedResponse<null, Status, 'body'>;

/** Sends the client elsewhere. */
export const redirect = (c: Answering, location: string, status: RedirectStatusCode): Response =>
  answer(c, null, status, { Location: location });
