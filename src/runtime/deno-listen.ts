import { availableParallelism } from 'node:os';
import type { Host, Listen } from './server.ts';

/** The part of Deno's global that we use (https://docs.deno.com/api/deno/~/Deno.serve). */
declare const Deno: {
  serve(
    options: { hostname: string; port: number; onListen: () => void },
    handler: (
      request: Request,
      info: { remoteAddr: { hostname: string } },
    ) => Response | Promise<Response>,
  ): { addr: { port: number }; shutdown(): Promise<void> };
};

/** Deno's own HTTP server. */
const listen: Listen = async ({ fetch, hostname, port }) => {
  const server = Deno.serve({ hostname, port, onListen: () => {} }, (request, info) =>
    fetch(request, info.remoteAddr.hostname),
  );
  return { port: server.addr.port, close: () => server.shutdown() };
};

/** Deno. */
export const host: Host = { listen, passwordPermits: availableParallelism() };
