import { availableParallelism } from 'node:os';
import { createNativeMac } from '../ports/native-mac.ts';
import { hasTwoHosts, refuse } from './refusal.ts';
import type { Listen, ServerRuntime } from './server-runtime.ts';

/** The part of Bun's global object that is used here (https://bun.com/docs/runtime/http/server). */
declare const Bun: {
  serve(options: {
    fetch: (request: Request, server: BunServer) => Response | Promise<Response>;
    hostname: string;
    port: number;
    idleTimeout: number;
  }): BunServer;
};

interface BunServer {
  readonly port: number;
  requestIP(request: Request): { address: string } | null;
  stop(): Promise<void>;
}

/** Bun closes a connection after this long without a byte in either direction, even while a handler runs. */
const IDLE_TIMEOUT_SECONDS = 60;

/** Serves with Bun's built-in HTTP server. */
const listen: Listen = async ({ fetch, hostname, port }) => {
  const server = Bun.serve({
    fetch: (request, self) => {
      // `requestIP` returns null if the client has already reset the connection.
      const address = self.requestIP(request)?.address;
      return address && !hasTwoHosts(request) ? fetch(request, address) : refuse();
    },
    hostname,
    port,
    idleTimeout: IDLE_TIMEOUT_SECONDS,
  });
  return { port: server.port, close: () => server.stop() };
};

/**
 * A `fetch` that never retries. Bun's own `fetch` retries an idempotent request, with or without a body, if a
 * kept-alive connection closes without a response. So every request except a POST gets its own connection.
 */
const fetchOnce: typeof fetch = (input, init) => {
  const method = init?.method ?? (input instanceof Request ? input.method : 'GET');
  return fetch(input, method === 'POST' ? init : { ...init, keepalive: false });
};

export const runtime: ServerRuntime = {
  name: 'bun',
  listen,
  passwordPermits: availableParallelism(),
  createMac: createNativeMac,
  fetchOnce,
  // Bun copies the bytes of a response body, but shares the bytes of a Blob.
  shareBytes(bytes) {
    const blob = new Blob([bytes]);
    return () => blob;
  },
};
