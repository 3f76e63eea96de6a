import type { ServerOptions } from 'node:http';
import type { Socket } from 'node:net';
import { type Http2Bindings, type HttpBindings, serve } from '@hono/node-server';
import { createNativeMac } from '../ports/native-mac.ts';
import { lowerPoolPriority } from './pool-priority.ts';
import { refuse } from './refusal.ts';
import type { Listen, Listening, ServerRuntime } from './server-runtime.ts';
import type { AnswerLimits } from './unsent-answers.ts';

/** How often connections that fell idle during a shutdown are closed. */
const IDLE_CHECK_MS = 50;

/** How long Node's server waits for a client, in milliseconds. */
export type ConnectionLimits = Required<
  Pick<
    ServerOptions,
    'headersTimeout' | 'requestTimeout' | 'keepAliveTimeout' | 'connectionsCheckingInterval'
  >
> & { readonly answers: AnswerLimits };

const CONNECTION_LIMITS: ConnectionLimits = {
  /** From the first byte of a request, or the connection's first moment, to the end of its headers. */
  headersTimeout: 10_000,
  /** To the end of its body. Our own limit for bodies comes first and says why; this one backs it up. */
  requestTimeout: 45_000,
  /** Between two requests. Longer than the 60 s of usual proxies, lest one use a connection just closed. */
  keepAliveTimeout: 65_000,
  /** How often the first two are looked after. */
  connectionsCheckingInterval: 1000,
  /** For the client to take its answer. In ten seconds 1.7 MB go out at 170 KB a second. */
  answers: { stallMs: 60_000, crowdedMs: 10_000 },
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
 * True if header fields must be rejected: those with a space between name and colon (RFC 9112 section 5.1), which
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

/** Node's own HTTP server. */
export const listenWithin =
  ({ answers, ...serverOptions }: ConnectionLimits): Listen =>
  ({ fetch, unsent, hostname, port }) =>
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
      unsent.start(answers);
      server.on('timeout', (socket: Socket) => unsent.takeTimeout(socket));
      // Asked once, at the first moment: Node remembers an address, and has none of a connection that was reset.
      server.on('connection', (socket: Socket) => {
        if (socket.remoteAddress === undefined) socket.destroy();
        else unsent.watch(socket);
      });
      server.once('error', reject);
    });

/**
 * Node. Tokens are verified in the pool that hashes passwords: one thread of it stays free for them. The
 * others hash, also where there are fewer cores: a derivation is six calls, and between two of them its
 * thread waits for the event loop.
 */
export const runtime: ServerRuntime = {
  listen: listenWithin(CONNECTION_LIMITS),
  passwordPermits: Math.max(1, POOL_THREADS - 1),
  createMac: createNativeMac,
  afterStart: () => lowerPoolPriority(POOL_THREADS),
};
