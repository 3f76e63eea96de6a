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
    fetch(request, () => info.remoteAddr.hostname),
  );
  return { port: server.addr.port, close: () => server.shutdown() };
};

/**
 * Deno sends a request again where a connection that was kept open ends without an answer, though the first
 * one may have been done (denoland/deno#35610). It cannot where the body is a stream, and sees through the one
 * of a Request; so there is another around it.
 */
const fetchOnce: typeof fetch = (input, init) => {
  const { url, method, headers, body } = new Request(input, init);
  const streamed = body ? { body: body.pipeThrough(new TransformStream()), duplex: 'half' } : {};
  return fetch(url, { ...init, method, headers, ...streamed });
};

/** Deno. */
export const host: Host = { listen, passwordPermits: availableParallelism(), fetchOnce };
