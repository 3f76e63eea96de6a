import type { TypedResponse } from 'hono';
import type { ContentfulStatusCode, RedirectStatusCode, StatusCode } from 'hono/utils/http-status';
import type { JSONParsed } from 'hono/utils/types';
import { utf8 } from '../crypto/bytes.ts';
import type { Head } from './head.ts';

/** The part of a context that creating a response needs. Independent of the variables that a guard sets. */
interface Answering {
  get(key: 'head'): Head;
  set(key: 'head', head: Head): void;
  readonly req: { readonly raw: { readonly method: string } };
}

/**
 * Adds header fields to the response of a request. Appends to a field that is already set: its value becomes a list.
 */
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

/** The header fields that concern one caller. */
const CALLER_HEADERS = ['RateLimit', 'RateLimit-Policy', 'X-Request-Id'] as const;

/** Removes the header fields that concern one caller from a response that public caches may keep. */
export function dropCallerHeaders(c: Answering): void {
  const head = { ...c.get('head') };
  for (const name of CALLER_HEADERS) delete head[name];
  c.set('head', head);
}

/**
 * Creates a response with the header fields of its request; `headers` override them. A body with a
 * `Content-Encoding` must be encoded already.
 */
export function answer(
  c: Answering,
  body: BodyInit | null,
  status: StatusCode,
  headers?: Readonly<Head>,
): Response {
  const init = {
    status,
    headers: withLength(c, body, { ...c.get('head'), ...headers }),
    // By default, workerd would encode the body again
    // (https://developers.cloudflare.com/workers/runtime-apis/response).
    encodeBody: 'manual' as const,
  };
  return new Response(body, init);
}

/**
 * Sets `Content-Length` on a response to HEAD, where it must be the same as for GET (RFC 9110 section 8.6). Hono
 * removes the body of such a response, and Bun and Deno would then send 0.
 */
function withLength(c: Answering, body: BodyInit | null, head: Head): Head {
  if (c.req.raw.method !== 'HEAD') return head;
  if (typeof body === 'string') head['Content-Length'] = String(utf8(body).length);
  if (body instanceof Uint8Array) head['Content-Length'] = String(body.length);
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

/** Creates a JSON response, with the header fields of {@link answer}. */
export const json = <Body, Status extends ContentfulStatusCode>(
  c: Answering,
  body: Body,
  status: Status,
  headers?: Readonly<Head>,
): Response & TypedResponse<JSONParsed<Body>, Status, 'json'> =>
  // Hono marks typed responses by properties that exist in the types only.
  jsonText(c, JSON.stringify(body), status, headers) as Response &
    TypedResponse<JSONParsed<Body>, Status, 'json'>;

/** Creates a response of text. `headers` name its media type. */
export const text = (c: Answering, body: string, headers: Readonly<Head>) =>
  // Hono marks typed responses by properties that exist in the types only.
  answer(c, body, 200, headers) as Response & TypedResponse<string, 200, 'text'>;

/**
 * Creates a JSON response from parts of its text, each of which is made when the client has read the one before. An
 * error ends the response unfinished; a client that closes the connection ends the iteration.
 */
export function jsonStream<Body>(
  c: Answering,
  parts: AsyncGenerator<string, void>,
  headers?: Readonly<Head>,
): Response & TypedResponse<JSONParsed<Body>, 200, 'json'> {
  const body = new ReadableStream<Uint8Array<ArrayBuffer>>(
    {
      async pull(controller) {
        const { done, value } = await parts.next();
        if (done) controller.close();
        else controller.enqueue(utf8(value));
      },
      async cancel() {
        await parts.return();
      },
    },
    { highWaterMark: 0 },
  );
  // Hono marks typed responses by properties that exist in the types only.
  return answer(c, body, 200, { 'Content-Type': 'application/json', ...headers }) as Response &
    TypedResponse<JSONParsed<Body>, 200, 'json'>;
}

/** Creates a response without a body. */
export const empty = <Status extends 204 | 304>(
  c: Answering,
  status: Status,
  headers?: Readonly<Head>,
): Response & TypedResponse<null, Status, 'body'> =>
  // Hono marks typed responses by properties that exist in the types only.
  answer(c, null, status, headers) as Response & TypedResponse<null, Status, 'body'>;

/** Creates a redirect. */
export const redirect = (c: Answering, location: string, status: RedirectStatusCode): Response =>
  answer(c, null, status, { Location: location });
