import { NetworkError, ProblemError, type ProblemField } from './errors.ts';
import type { Answer } from './operation.ts';
import { hintFor } from './operation-table.ts';
import type { AbortSignalLike, AnswerHeaders, BlobLike, Fetch, FetchInit } from './platform.ts';

/** A request without its access token. Can be sent repeatedly. */
export interface HttpRequest {
  /** The method and the path with the names of its parameters, as in the OpenAPI document. */
  readonly operation: string;
  readonly method: string;
  /** Includes the path parameters and the query. */
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string | BlobLike;
}

type Values = Readonly<Record<string, unknown>>;

/** The parts of a request, as the caller passes them. */
export interface RequestParts {
  readonly params?: Values;
  readonly query?: Values;
  readonly headers?: Values;
  readonly body?: unknown;
  readonly form?: Values;
  /** Sent with its own type. */
  readonly file?: BlobLike;
}

/**
 * Base URLs that do not expose tokens on the network: `https:`, a path on the page's own origin, or `http:` on this
 * machine. A regular expression, because React Native implements `URL` only in part.
 */
const PRIVATE_BASE =
  /^(?:$|\/(?![\s/\\])|https:\/\/|http:\/\/(?:localhost|127(?:\.\d{1,3}){3}|\[::1\])(?::\d*)?(?:\/|$))/i;
const PLAIN_BASE = /^http:\/\//i;

/**
 * Validates a base URL and removes its trailing slashes.
 *
 * @throws TypeError if it is not a base URL, or is `http:` on another machine and `allowInsecure` is false
 */
export function toBaseUrl(text: string, allowInsecure: boolean): string {
  if (/[?#]/.test(text)) throw new TypeError('baseUrl cannot have a query');
  const base = text.replace(/\/+$/, '');
  if (PRIVATE_BASE.test(base) || (allowInsecure && PLAIN_BASE.test(base))) return base;
  throw new TypeError('baseUrl must be https:, or http: on this machine (see allowInsecure)');
}

/**
 * Builds a request from its parts.
 *
 * @throws TypeError if the path does not begin with exactly one slash (it could lead to another host), or if a path
 *   parameter would change the path, such as `..`
 */
export function toRequest(method: string, path: string, parts: RequestParts = {}): HttpRequest {
  // URL parsers drop tabs and line feeds, and treat a backslash as a slash.
  if (!/^\/(?![\s/\\])/.test(path)) throw new TypeError('a path must begin with one slash');
  const { params = {}, query = {}, headers = {}, body, form, file } = parts;
  const search = encodeForm(query);
  const filled = path.replace(/\{(\w+)\}/g, (_, name: string) => encodeSegment(name, params[name]));
  const request = {
    operation: `${method} ${path}`,
    method,
    path: search ? `${filled}?${search}` : filled,
    headers: Object.fromEntries(definedEntries(headers)),
  };
  if (file) return withBody(request, file.type, file);
  if (form) return withBody(request, FORM, encodeForm(form));
  return body === undefined ? request : withBody(request, JSON_TYPE, JSON.stringify(body));
}

const withBody = (request: HttpRequest, type: string, body: string | BlobLike): HttpRequest => ({
  ...request,
  headers: { ...request.headers, 'Content-Type': type },
  body,
});

/** `fetch` reports an unreachable server and a response that the browser withholds in the same way. */
const UNREACHABLE =
  'No answer: the server cannot be reached, or the browser withheld the answer because the server does not allow this page (CORS_ORIGINS)';

const FORM = 'application/x-www-form-urlencoded';
const JSON_TYPE = 'application/json';

const definedEntries = (values: Values): [string, string][] =>
  Object.entries(values).flatMap(([name, value]): [string, string][] =>
    value === undefined ? [] : [[name, String(value)]],
  );

/** Does not use `URLSearchParams`, which React Native implements only in part. */
const encodeForm = (values: Values): string =>
  definedEntries(values)
    .map((pair) => pair.map(encodeURIComponent).join('='))
    .join('&');

/** Rejects an empty value, `.` and `..`: URL parsers resolve them even if they are percent-encoded. */
function encodeSegment(name: string, value: unknown): string {
  const text = String(value ?? '');
  if (/^\.{0,2}$/.test(text)) throw new TypeError(`${name} cannot be part of a path`);
  return encodeURIComponent(text);
}

interface HttpOptions {
  readonly baseUrl: string;
  readonly fetch: Fetch;
  readonly credentials: FetchInit['credentials'];
}

/** The answer to any operation. */
export type AnyAnswer = Answer<number, unknown>;

export type Send = (
  request: HttpRequest,
  signal: AbortSignalLike,
  accessToken?: string,
) => Promise<AnyAnswer>;

/** Creates a function that sends a request once. It throws a ProblemError or a NetworkError. */
export function createSend({ baseUrl, fetch, credentials }: HttpOptions): Send {
  return async ({ operation, method, path, headers, body }, signal, accessToken) => {
    const bearer = accessToken === undefined ? {} : { Authorization: `Bearer ${accessToken}` };
    const init: FetchInit = {
      method,
      headers: { Accept: JSON_TYPE, ...headers, ...bearer },
      ...(body === undefined ? {} : { body }),
      signal,
      credentials,
      // A redirect would send passwords and tokens to a different address.
      redirect: 'manual',
    };
    try {
      const response = await fetch(baseUrl + path, init);
      return toAnswer(operation, response.status, response.headers, await response.text());
    } catch (cause) {
      if (cause instanceof ProblemError) throw cause;
      throw new NetworkError(UNREACHABLE, { timedOut: false, cause });
    }
  };
}

function toAnswer(
  operation: string,
  status: number,
  headers: AnswerHeaders,
  text: string,
): AnyAnswer {
  const data = parseJson(text);
  const isEmpty = status === 204 || status === 304;
  const isSuccess = status >= 200 && status < 300 && data !== undefined;
  if (!isEmpty && !isSuccess) throw toProblem(status, headers, data, hintFor(operation));
  return { status, data, etag: headers.get('ETag') ?? undefined, headers };
}

/** `undefined` if the text is not JSON, such as a proxy's error page or an empty body. */
function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** The error for a response that does not come from the API. */
export const unexpected = (status: number, headers: AnswerHeaders): ProblemError =>
  toProblem(status, headers, undefined);

function toProblem(status: number, headers: AnswerHeaders, data: unknown, hint = ''): ProblemError {
  const { code, detail, errors, request_id: requestId } = asRecord(data);
  const isOurs = typeof code === 'string' && typeof detail === 'string';
  return new ProblemError({
    status,
    code: isOurs ? code : 'unexpected_answer',
    detail: isOurs ? detail : 'The response is not from this API.',
    errors: Array.isArray(errors) ? errors.filter(isField) : [],
    requestId: isOurs && typeof requestId === 'string' ? requestId : requestIdOf(headers),
    retryAfter: parseRetryAfter(headers.get('Retry-After')),
    hint,
  });
}

const requestIdOf = (headers: AnswerHeaders): string | undefined =>
  headers.get('X-Request-Id') ?? undefined;

/** Returns the members of an object, and an empty record for any other value. */
export const asRecord = (value: unknown): Partial<Record<string, unknown>> =>
  typeof value === 'object' && value !== null ? { ...value } : {};

function isField(value: unknown): value is ProblemField {
  const { pointer, code, message } = asRecord(value);
  return [pointer, code, message].every((part) => typeof part === 'string');
}

/** Accepts seconds or a date (RFC 9110 section 10.2.3). Returns seconds. */
function parseRetryAfter(text: string | null): number | undefined {
  if (text === null) return undefined;
  if (/^\d+$/.test(text)) return Number(text);
  const wait = Math.ceil((Date.parse(text) - Date.now()) / 1000);
  return Number.isNaN(wait) ? undefined : Math.max(0, wait);
}
