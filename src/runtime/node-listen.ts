import type { ServerOptions } from 'node:http';
import { type Http2Bindings, type HttpBindings, serve } from '@hono/node-server';
import { createNativeMac } from './native-mac.ts';
import { lowerPoolPriority } from './pool-priority.ts';
import type { Host, Listen, Listening } from './server.ts';

/** How often connections that fell idle during a shutdown are closed. */
const IDLE_CHECK_MS = 50;

/** How long Node's server waits for a client, in milliseconds. */
export type ConnectionLimits = Required<
  Pick<
    ServerOptions,
    'headersTimeout' | 'requestTimeout' | 'keepAliveTimeout' | 'connectionsCheckingInterval'
  >
>;

const CONNECTION_LIMITS: ConnectionLimits = {
  /** From the first byte of a request, or the connection's first moment, to the end of its headers. */
  headersTimeout: 10_000,
  /** To the end of its body. Our own limit for bodies comes first and says why; this one backs it up. */
  requestTimeout: 45_000,
  /** Between two requests. Longer than the 60 s of usual proxies, lest one use a connection just closed. */
  keepAliveTimeout: 65_000,
  /** How often the first two are looked after. */
  connectionsCheckingInterval: 1000,
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

/**
 * A space between the name of a field and its colon has to be refused (RFC 9112 section 5.1). The parser of newer
 * Nodes does so by itself, and answers in the same way; that of 20.19 lets it pass.
 *
 * @param index names and values take turns
 */
const isNameWithSpace = (text: string, index: number): boolean =>
  index % 2 === 0 && text.endsWith(' ');

/** Node's own HTTP server. */
export const listenWithin =
  (serverOptions: ConnectionLimits): Listen =>
  ({ fetch, hostname, port }) =>
    new Promise<Listening>((resolve, reject) => {
      const answer = (request: Request, { incoming }: HttpBindings | Http2Bindings) =>
        incoming.rawHeaders.some(isNameWithSpace)
          ? new Response(null, { status: 400, headers: { Connection: 'close' } })
          : fetch(request, () => incoming.socket.remoteAddress);
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
