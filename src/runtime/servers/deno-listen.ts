import { availableParallelism } from 'node:os';
import type { ShareBytes } from '../ports/assets.ts';
import { fetchBodiless } from '../ports/bodiless-fetch.ts';
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

/** What Deno reports as the address of an unknown peer: the client has already reset the connection. */
const UNKNOWN_PEERS: ReadonlySet<string> = new Set(['0.0.0.0', '::']);

/** Serves with Deno's built-in HTTP server. */
const listen: Listen = async ({ fetch, hostname, port }) => {
  const server = Deno.serve({ hostname, port, onListen: () => {} }, (request, info) => {
    const { hostname: address } = info.remoteAddr;
    const isRefused = UNKNOWN_PEERS.has(address) || hasTwoHosts(request);
    return isRefused ? refuse() : fetch(request, address);
  });
  return { port: server.addr.port, close: () => server.shutdown() };
};

/**
 * A `fetch` that never retries. Deno's own retries if a connection closes without a response, although the server may
 * have processed the request (denoland/deno#35610). It cannot replay a stream, but it unwraps the body of a Request;
 * hence the TransformStream around that body. It replays every request without a body, on new connections too.
 */
const fetchOnce: typeof fetch = (input, init) => {
  const request = new Request(input, init);
  const { url, method, headers, body } = request;
  if (!body) return fetchBodiless(request);
  const streamed = { body: body.pipeThrough(new TransformStream()), duplex: 'half' };
  return fetch(url, { ...init, method, headers, ...streamed });
};

const CHUNK_BYTES = 64 * 1024;

/** Deno copies the bytes that wait for a client, so this stream yields a chunk only after the previous one is sent. */
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

export const runtime: ServerRuntime = {
  listen,
  passwordPermits: availableParallelism(),
  shareBytes,
  fetchOnce,
};
