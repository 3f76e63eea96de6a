import { availableParallelism } from 'node:os';
import type { ShareBytes } from '../ports/assets.ts';
import { hasTwoHosts, refuse } from './refusal.ts';
import type { Listen, ServerRuntime } from './server-runtime.ts';

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

/** What Deno calls a peer that it does not know: its client has reset the connection meanwhile. */
const UNKNOWN_PEERS: ReadonlySet<string> = new Set(['0.0.0.0', '::']);

/** Deno's own HTTP server. */
const listen: Listen = async ({ fetch, hostname, port }) => {
  const server = Deno.serve({ hostname, port, onListen: () => {} }, (request, info) => {
    const { hostname: address } = info.remoteAddr;
    const isRefused = UNKNOWN_PEERS.has(address) || hasTwoHosts(request);
    return isRefused ? refuse() : fetch(request, address);
  });
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

const CHUNK_BYTES = 64 * 1024;

/** Deno copies what waits for a client, so it gets a chunk when it has sent the one before. */
const shareBytes: ShareBytes = (bytes) => () => {
  let sent = 0;
  return new ReadableStream(
    {
      pull(controller) {
        if (sent >= bytes.length) return controller.close();
        controller.enqueue(bytes.subarray(sent, sent + CHUNK_BYTES));
        sent += CHUNK_BYTES;
      },
    },
    { highWaterMark: 0 },
  );
};

/** Deno. */
export const runtime: ServerRuntime = {
  listen,
  passwordPermits: availableParallelism(),
  shareBytes,
  fetchOnce,
};
