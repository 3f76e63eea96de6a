import type { Context } from 'hono';
import { createMiddleware } from 'hono/factory';
import { matchedRoutes } from 'hono/route';
import type { Caller } from '../../caller.ts';
import type { Logger } from '../../log.ts';
import { type Meter, silentMeter } from '../../metrics/meter.ts';
import { listedMethod, OTHER } from '../../metrics/metrics.ts';
import { parseTraceparent } from '../../trace.ts';
import type { Tracer } from '../../tracer.ts';
import type { Env } from '../env.ts';

const MAX_CLIENT_ID_LENGTH = 128;
const CLIENT_ID = /^[\w\-=]+$/;
/**
 * Statuses that are typical of an attack. Their log lines include a hash of the network, so that the attack can be
 * traced.
 */
const REFUSALS: ReadonlySet<number> = new Set([401, 429, 503]);

interface AccessLogOptions {
  readonly log: Logger;
  /** Returns a keyed hash of a network. Without the key, the hash does not reveal the network. */
  readonly markOf: (network: string) => string;
  /** Records the duration of each request. */
  readonly meter: Meter;
  /** Creates a span for each request. */
  readonly tracer?: Tracer | undefined;
  /** Monotonic time in milliseconds. */
  readonly now?: () => number;
}

/** Status classes by the first digit of a status. */
const CLASSES = [undefined, '1xx', '2xx', '3xx', '4xx', '5xx'] as const;

/**
 * Logs, measures and traces each request. The line in the log contains the pattern of the route, not the path, which
 * may contain user input; a listed method or `_OTHER`; no body; and no token. Its only header fields are the client's
 * request id and the id of its trace, if well-formed.
 */
export function accessLog({ log, markOf, meter, tracer, now = monotonic }: AccessLogOptions) {
  const routeOf = createRouteOf();
  const isMeasured = meter !== silentMeter;

  const networkMark = ({ network }: Caller): string | undefined =>
    network === null ? undefined : markOf(network);

  return createMiddleware<Env>(async (c, next) => {
    const start = now();
    const method = listedMethod(c.req.method);
    const incoming = parseTraceparent(c.req.header('traceparent'));
    const span = tracer?.startRequest(method, incoming);
    const trace = span?.trace ?? incoming;
    if (trace) c.set('trace', trace);
    await (span ? span.run(next) : next());
    const { status } = c.res;
    const route = routeOf(c, method);
    const duration = now() - start;
    span?.end(route, status);
    if (isMeasured) {
      meter.observe('http_server_request_duration_seconds', duration / 1000, {
        http_request_method: method,
        http_route: route,
        http_response_status_class: CLASSES[Math.trunc(status / 100)] ?? '5xx',
      });
    }
    log[status >= 500 ? 'error' : 'info']('request', {
      method,
      route,
      status,
      duration_ms: Math.round(duration * 10) / 10,
      request_id: c.get('requestId'),
      client_request_id: clientRequestId(c.req.header('X-Request-Id')),
      trace_id: trace?.traceId,
      network: REFUSALS.has(status) ? networkMark(c.get('caller')) : undefined,
    });
  });
}

const monotonic = (): number => performance.now();

const clientRequestId = (given: string | undefined): string | undefined =>
  given !== undefined && given.length <= MAX_CLIENT_ID_LENGTH && CLIENT_ID.test(given)
    ? given
    : undefined;

/** The pattern of a path that no route has. */
const NO_ROUTE = '/*';

/**
 * Returns a function that finds the pattern of the matched route. To find a pattern, Hono builds a list of all matches.
 * Most paths are patterns themselves; these are cached. Callers choose methods, and may ask for `/*` itself: the number
 * of routes and of listed methods bounds the cache.
 *
 * @returns a function of a request and its listed method
 */
export function createRouteOf(
  patterns = new Set<string>(),
): (c: Context<Env>, method: string) => string {
  return (c, method) => {
    const { path } = c.req;
    const key = `${method} ${path}`;
    if (patterns.has(key)) return path;
    const pattern = matchedRoutes(c).at(-1)?.path ?? NO_ROUTE;
    if (pattern === path && pattern !== NO_ROUTE && method !== OTHER) patterns.add(key);
    return pattern;
  };
}
