// Requests that `fetch` cannot send: malformed HTTP, and valid HTTP that clients forbid.
import fc from 'fast-check';
import { rawBytes } from '../support/raw-request.ts';
import type { Operation } from './document.ts';
import { MARK } from './hostile.ts';

const IDLE_LIMIT_MS = 700;
/** Concurrent requests, which mostly wait. */
const LANES = 10;
/** Each lane has lost at most one connection. */
const SETTLE_ATTEMPTS = LANES;

/** Statuses with which a runtime's own server rejects unsupported methods and versions of HTTP. */
const NOT_SUPPORTED = [501, 505];

interface Line {
  readonly method: string;
  readonly path: string;
  readonly host: string;
}

const SHAPES: readonly ((line: Line) => string)[] = [
  ({ method, path, host }) =>
    `${method} ${path} HTTP/1.1\r\nHost: ${host}\r\nX-Request-Id: a\0b\r\n\r\n`,
  ({ method, path, host }) =>
    `${method} ${path} HTTP/1.1\r\nHost: ${host}\r\nX-Request-Id: \xff\xfe\x80\r\n\r\n`,
  ({ method, path, host }) =>
    `${method} ${path} HTTP/1.1\r\nHost: ${host}\r\nAuthorization: Bearer \x01${MARK}\x7f\r\n\r\n`,
  ({ method, path, host }) => `${method} ${path} HTTP/1.1\r\nHost: ${host}\r\n${MARK}\r\n\r\n`,
  ({ method, path, host }) =>
    `${method} ${path} HTTP/1.1\r\nHost: ${host}\r\nIf-Match : "1-1"\r\n\r\n`,
  ({ method, path, host }) =>
    `${method} ${path} HTTP/1.1\r\nHost: ${host}\r\nIf-Match: "1"\r\n folded\r\n\r\n`,
  ({ method, path, host }) =>
    `${method} ${path} HTTP/1.1\r\nHost: ${host}\r\nHost: ${MARK}.example\r\n\r\n`,
  ({ method, path }) => `${method} ${path} HTTP/1.1\r\n\r\n`,
  ({ method, path }) => `${method} ${path} HTTP/1.0\r\n\r\n`,
  ({ method, path }) => `${method} ${path} HTTP/1.1\r\nHost: \r\n\r\n`,
  ({ method, path }) => `${method} ${path} HTTP/1.1\r\nHost: a b<${MARK}>:x\r\n\r\n`,
  ({ path, host }) => `TRACE ${path} HTTP/1.1\r\nHost: ${host}\r\n\r\n`,
  ({ path, host }) => `CONNECT ${path} HTTP/1.1\r\nHost: ${host}\r\n\r\n`,
  ({ path, host }) => `get ${path} HTTP/1.1\r\nHost: ${host}\r\n\r\n`,
  ({ path, host }) => `${'X'.repeat(3000)} ${path} HTTP/1.1\r\nHost: ${host}\r\n\r\n`,
  ({ method, path, host }) =>
    `${method} http://${MARK}.example${path} HTTP/1.1\r\nHost: ${host}\r\n\r\n`,
  ({ method, host }) => `${method} * HTTP/1.1\r\nHost: ${host}\r\n\r\n`,
  ({ method, host }) => `${method} //${MARK}.example/%2e%2e HTTP/1.1\r\nHost: ${host}\r\n\r\n`,
  ({ method, path, host }) =>
    `${method} ${path}/../../../../etc/passwd HTTP/1.1\r\nHost: ${host}\r\n\r\n`,
  ({ method, path, host }) => `${method} ${path}?\xff\xc3<> HTTP/1.1\r\nHost: ${host}\r\n\r\n`,
  ({ method, path, host }) => `${method} ${path}#${MARK} HTTP/1.1\r\nHost: ${host}\r\n\r\n`,
  ({ method, path, host }) => `${method} \\..\\${path} HTTP/1.1\r\nHost: ${host}\r\n\r\n`,
  ({ method, path, host }) =>
    `${method} ${path} HTTP/1.1\r\nHost: ${host}\r\nContent-Length: -1\r\n\r\n${MARK}`,
  ({ method, path, host }) =>
    `${method} ${path} HTTP/1.1\r\nHost: ${host}\r\nContent-Length: 2\r\nContent-Length: 9\r\n\r\n{}`,
  ({ method, path, host }) =>
    `${method} ${path} HTTP/1.1\r\nHost: ${host}\r\nContent-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\nGET /${MARK} HTTP/1.1\r\n\r\n`,
  ({ method, path, host }) =>
    `${method} ${path} HTTP/1.1\r\nHost: ${host}\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n${MARK}\r\n0\r\n\r\n`,
  ({ method, path, host }) =>
    `${method} ${path} HTTP/1.1\r\nHost: ${host}\r\nTransfer-Encoding: ${MARK}\r\n\r\n{}`,
  // The body is shorter than its Content-Length.
  ({ method, path, host }) =>
    `${method} ${path} HTTP/1.1\r\nHost: ${host}\r\nContent-Type: application/json\r\nContent-Length: 50\r\n\r\n{"`,
  ({ method, path, host }) =>
    `${method} ${path} HTTP/1.1\r\nHost: ${host}\r\nCookie: ${'x'.repeat(20_000)}\r\n\r\n`,
  ({ method, path, host }) =>
    `${method} ${path} HTTP/1.1\r\nHost: ${host}\r\n${'X-A: b\r\n'.repeat(500)}\r\n`,
  ({ method, path, host }) =>
    `${method} ${path} HTTP/1.1\r\nHost: ${host}\r\nExpect: ${MARK}\r\nUpgrade: h2c, websocket\r\nConnection: upgrade\r\n\r\n`,
  () => `\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03`,
  () => `${MARK}\r\n\r\n`,
  () => '\r\n\r\n\0\0\0\r\n\r\n',
  ({ path, host }) => `GET ${path} HTTP/9.9\r\nHost: ${host}\r\n\r\n`,
];

/** Returns the raw request for a seed and an index. */
export function rawAt(operations: readonly Operation[], host: string, seed: number, index: number) {
  const shape = SHAPES[(seed + index) % SHAPES.length];
  const [operation] = fc.sample(fc.constantFrom(...operations), { seed: seed ^ index, numRuns: 1 });
  if (!shape || !operation) throw new Error('No raw request was generated');
  const path = operation.path.replaceAll(/\{[^}]+\}/g, MARK);
  return shape({ method: operation.method, path, host });
}

/** The server that answers. */
export interface Server {
  readonly baseUrl: string;
  /**
   * Whether a proxy is in front of the server. The proxy of `wrangler dev` answers much malformed HTTP with 500,
   * and the Worker never sees it.
   */
  readonly isBehindProxy: boolean;
}

/** Sends `count` raw requests. The server may close the connection, but must not fail or echo the input. */
export async function rawComplaints(
  server: Server,
  operations: readonly Operation[],
  seed: number,
  count: number,
): Promise<readonly string[]> {
  const { hostname, port, host } = new URL(server.baseUrl);
  const one = async (index: number): Promise<readonly string[]> => {
    const bytes = rawAt(operations, host, seed, index);
    const answer = await rawBytes(hostname, Number(port), bytes, IDLE_LIMIT_MS);
    return rawFaults(answer, server).map(
      (fault) => `${fault}: to the raw request ${JSON.stringify(bytes.slice(0, 400))}`,
    );
  };
  const faults: string[] = [];
  for (let index = 0; index < count; index += LANES) {
    const lanes = Array.from({ length: Math.min(LANES, count - index) }, (_, i) => one(index + i));
    faults.push(...(await Promise.all(lanes)).flat());
  }
  return server.isBehindProxy ? [...faults, ...(await settle(server.baseUrl))] : faults;
}

/**
 * After a truncated body, `wrangler dev` answers the next request that has a body, from any client, with a 500
 * of its own ("Cannot reconstruct a Request with a used body"). Sends requests until the Worker answers one.
 */
async function settle(baseUrl: string): Promise<readonly string[]> {
  for (let attempt = 0; attempt < SETTLE_ATTEMPTS; attempt++) {
    const headers = { 'Content-Type': 'application/json' };
    const answer = await fetch(`${baseUrl}/auth/login`, { method: 'POST', headers, body: '{}' });
    await answer.arrayBuffer();
    if (answer.headers.has('X-Request-Id')) return [];
  }
  return ['the proxy does not recover from the raw requests'];
}

/** Returns the faults of a response to a raw request, which carries no token. */
export function rawFaults(answer: string, { isBehindProxy }: Pick<Server, 'isBehindProxy'>) {
  if (answer === '') return [];
  const status = Number(/^HTTP\/1\.[01] (\d{3})\b/.exec(answer)?.[1]);
  if (Number.isNaN(status)) return ['the response is not HTTP'];
  const faults: string[] = [];
  const isOurs = /^x-request-id:/im.test(answer);
  const isAccountable = isOurs || !isBehindProxy;
  if (status >= 500 && isAccountable && (isOurs || !NOT_SUPPORTED.includes(status))) {
    faults.push(`the status is ${status}`);
  }
  if (isOurs && status >= 400 && answer.includes(MARK))
    faults.push('the response echoes the input');
  if (isAccountable && /SQLITE|node_modules|\bat \w+ \(/.test(answer))
    faults.push('the response reveals internals');
  return faults;
}
