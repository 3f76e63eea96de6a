import type { ServerOptions } from 'node:http';
import type { Socket } from 'node:net';
import { type Http2Bindings, type HttpBindings, serve } from '@hono/node-server';
import { createNativeMac } from '../ports/native-mac.ts';
import { lowerPoolPriority } from './pool-priority.ts';
import { refuse } from './refusal.ts';
import type { Listen, Listening, ServerRuntime } from './server-runtime.ts';
import type { AnswerLimits } from './unsent-answers.ts';

/** How often a shutdown closes connections that have become idle, in milliseconds. */
const IDLE_CHECK_MS = 50;

/** How long Node's server waits for a client in each phase, in milliseconds. */
export type ConnectionLimits = Required<
  Pick<
    ServerOptions,
    'headersTimeout' | 'requestTimeout' | 'keepAliveTimeout' | 'connectionsCheckingInterval'
  >
> & { readonly answers: AnswerLimits };

const CONNECTION_LIMITS: ConnectionLimits = {
  /** From the first byte of a request, or from the start of the connection, to the end of the headers. */
  headersTimeout: 10_000,
  /**
   * To the end of the body. A fallback: Latchkey's own body timeout is shorter, and its response contains the reason.
   */
  requestTimeout: 125_000,
  /**
   * Between two requests. Longer than the usual 60 s of proxies, so that a proxy does not reuse a connection that has
   * just closed.
   */
  keepAliveTimeout: 65_000,
  /** How often Node enforces the first two limits. */
  connectionsCheckingInterval: 1000,
  /** How long the client may take to read the response. Ten seconds are enough for 1.7 MB at 170 KB/s. */
  answers: { stallMs: 60_000, crowdedMs: 10_000 },
};

const MAX_POOL_THREADS = 1024;

/**
 * Returns the size of libuv's thread pool, parsed as libuv does: 4 by default, otherwise 1 to 1024
 * (https://nodejs.org/api/cli.html#uv_threadpool_sizesize).
 *
 * @param size the value of `UV_THREADPOOL_SIZE`
 */
export function poolThreads(size: string | undefined): number {
  if (size === undefined) return 4;
  const threads = Number.parseInt(size, 10) || 1;
  return threads < 0 ? MAX_POOL_THREADS : Math.min(threads, MAX_POOL_THREADS);
}

const POOL_THREADS = poolThreads(process.env.UV_THREADPOOL_SIZE);

const HOST_LENGTH = 'host'.length;

/**
 * True if the header fields must be rejected: there is a space between a name and its colon (RFC 9112 section 5.1),
 * which the parser of Node 20.19 accepts, or a second `Host` field, or a `Host` field with two hosts (section 3.2).
 *
 * @param rawHeaders alternating names and values
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

/** Returns a function that serves with Node's built-in HTTP server, within these limits. */
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
      server.on('timeout', (socket: Socket) => unsent.handleTimeout(socket));
      // Reading the address makes Node cache it. Otherwise it would be undefined once the client has reset the
      // connection.
      server.on('connection', (socket: Socket) => {
        if (socket.remoteAddress === undefined) socket.destroy();
        else unsent.watch(socket);
      });
      server.once('error', reject);
    });

/**
 * Node verifies tokens in the thread pool that also hashes passwords, so one thread is kept free for tokens. All other
 * threads may hash, even if there are fewer cores: a derivation consists of six calls, and between two calls its thread
 * waits for the event loop.
 */
export const runtime: ServerRuntime = {
  name: 'node',
  listen: listenWithin(CONNECTION_LIMITS),
  passwordPermits: Math.max(1, POOL_THREADS - 1),
  createMac: createNativeMac,
  afterStart: () => lowerPoolPriority(POOL_THREADS),
};
