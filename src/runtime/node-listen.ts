import type { ServerOptions } from 'node:http';
import type { Socket } from 'node:net';
import { type Http2Bindings, type HttpBindings, type ServerType, serve } from '@hono/node-server';
import { createNativeMac } from './native-mac.ts';
import { lowerPoolPriority } from './pool-priority.ts';
import { refuse } from './refusal.ts';
import type { Host, Listen, Listening } from './server.ts';

/** How often connections that fell idle during a shutdown are closed. */
const IDLE_CHECK_MS = 50;

/** How long Node's server waits for a client, in milliseconds. */
export type ConnectionLimits = Required<
  Pick<
    ServerOptions,
    'headersTimeout' | 'requestTimeout' | 'keepAliveTimeout' | 'connectionsCheckingInterval'
  >
> & { readonly stallTimeout: number };

const CONNECTION_LIMITS: ConnectionLimits = {
  /** From the first byte of a request, or the connection's first moment, to the end of its headers. */
  headersTimeout: 10_000,
  /** To the end of its body. Our own limit for bodies comes first and says why; this one backs it up. */
  requestTimeout: 45_000,
  /** Between two requests. Longer than the 60 s of usual proxies, lest one use a connection just closed. */
  keepAliveTimeout: 65_000,
  /** How often the first two are looked after. */
  connectionsCheckingInterval: 1000,
  /** A request under way without a byte either way. */
  stallTimeout: 60_000,
};

const MAX_POOL_THREADS = 1024;

/**
 * How many threads libuv's pool has, as it reckons itself: 4, or what this variable says, from 1 to 1024
 * (https://nodejs.org/api/cli.html#uv_threadpool_sizesize).
 */
export function poolThreads(size: string | undefined): number {
  if (size === undefined) return 4;
  const threads = Number.parseInt(size, 10) || 1;
  return threads < 0 ? MAX_POOL_THREADS : Math.min(threads, MAX_POOL_THREADS);
}

const POOL_THREADS = poolThreads(process.env.UV_THREADPOOL_SIZE);

const HOST_LENGTH = 'host'.length;

/**
 * Whether header fields have to be refused: those with a space between name and colon (RFC 9112 section 5.1), which
 * the parser of Node 20.19 lets pass, and a second `Host` or one that names two (section 3.2).
 *
 * @param rawHeaders names and values take turns
 */
function isMalformed(rawHeaders: readonly string[]): boolean {
  let hosts = 0;
  for (let i = 0; i < rawHeaders.length; i += 2) {
    const name = rawHeaders[i] ?? '';
    if (name.endsWith(' ')) return true;
    if (name.length !== HOST_LENGTH || name.toLowerCase() !== 'host') continue;
    if (rawHeaders[i + 1]?.includes(',')) return true;
    hosts += 1;
  }
  return hosts > 1;
}

/** Quiet periods in a row that make a stall. */
const QUIET_PERIODS = 6;

/**
 * Destroys connections of a server that take no byte of their answer for `stallMs`, or a sixth longer. Node itself
 * sees whether an answer has moved, but only from one timeout of a connection to the next, so there are several.
 */
function endStalled(server: ServerType, stallMs: number): void {
  const periodMs = stallMs / QUIET_PERIODS;
  const quiet = new WeakMap<Socket, { readonly periods: number; readonly at: number }>();
  server.setTimeout(periodMs);
  server.on('timeout', (socket: Socket) => {
    const now = performance.now();
    const last = quiet.get(socket);
    const isInARow = last !== undefined && now - last.at < 1.5 * periodMs;
    const periods = isInARow ? last.periods + 1 : 1;
    // A timeout of another length is that between two requests.
    if (periods === QUIET_PERIODS || socket.timeout !== periodMs) {
      socket.destroy();
      return;
    }
    quiet.set(socket, { periods, at: now });
    socket.setTimeout(periodMs);
  });
}

/** Node's own HTTP server. */
export const listenWithin =
  ({ stallTimeout, ...serverOptions }: ConnectionLimits): Listen =>
  ({ fetch, hostname, port }) =>
    new Promise<Listening>((resolve, reject) => {
      const answer = (request: Request, bindings: HttpBindings | Http2Bindings) => {
        const { incoming, outgoing } = bindings;
        const address = incoming.socket.remoteAddress;
        const isRefused = address === undefined || isMalformed(incoming.rawHeaders);
        return isRefused ? refuse() : fetch(request, address, outgoing);
      };
      const server = serve({ fetch: answer, hostname, port, serverOptions }, (address) => {
        resolve({
          port: address.port,
          close: () =>
            new Promise((closed) => {
              const idle = setInterval(() => {
                if ('closeIdleConnections' in server) server.closeIdleConnections();
              }, IDLE_CHECK_MS);
              server.close(() => {
                clearInterval(idle);
                closed();
              });
            }),
        });
      });
      endStalled(server, stallTimeout);
      // Asked once, at the first moment: Node remembers an address, and has none of a connection that was reset.
      server.on('connection', (socket: Socket) => {
        if (socket.remoteAddress === undefined) socket.destroy();
      });
      server.once('error', reject);
    });

/**
 * Node. Tokens are verified in the pool that hashes passwords: one thread of it stays free for them. The
 * others hash, also where there are fewer cores: a derivation is six calls, and between two of them its
 * thread waits for the event loop.
 */
export const host: Host = {
  listen: listenWithin(CONNECTION_LIMITS),
  passwordPermits: Math.max(1, POOL_THREADS - 1),
  createMac: createNativeMac,
  afterStart: () => lowerPoolPriority(POOL_THREADS),
};
