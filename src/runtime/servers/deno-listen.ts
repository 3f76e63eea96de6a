import { availableParallelism } from 'node:os';
import type { ShareBytes } from '../ports/assets.ts';
import { fetchBodiless } from '../ports/bodiless-fetch.ts';
import { hasTwoHosts, refuse } from './refusal.ts';
import type { Listen, ServerRuntime } from './server-runtime.ts';

/** The part of Deno's global object that is used here (https://docs.deno.com/api/deno/~/Deno.serve). */
declare const Deno: {
  serve(
    options: { hostname: string; port: number; onListen: () => void },
    handler: (
      request: Request,
      info: { remoteAddr: { hostname: string } },
    ) => Response | Promise<Response>,
  ): { addr: { port: number }; shutdown(): Promise<void> };
};

/** The addresses that Deno reports for an unknown peer, after the client has reset the connection. */
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
 * A `fetch` that never retries. Deno's own `fetch` retries if a connection closes without a response, although the
 * server may have processed the request (denoland/deno#35610). It cannot resend a stream, but it can extract the
 * content behind the body of a Request; the TransformStream prevents that. Deno resends every request without a body,
 * even on a new connection, so these are sent by `fetchBodiless`.
 */
const fetchOnce: typeof fetch = (input, init) => {
  const request = new Request(input, init);
  const { url, method, headers, body } = request;
  if (!body) return fetchBodiless(request);
  const streamed = { body: body.pipeThrough(new TransformStream()), duplex: 'half' };
  return fetch(url, { ...init, method, headers, ...streamed });
};

const CHUNK_BYTES = 64 * 1024;

/**
 * Deno copies the bytes that wait for a client, so this stream yields each chunk only after the previous one is sent.
 */
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
  name: 'deno',
  listen,
  passwordPermits: availableParallelism(),
  shareBytes,
  fetchOnce,
};
