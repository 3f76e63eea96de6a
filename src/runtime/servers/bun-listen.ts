import { availableParallelism } from 'node:os';
import { createNativeMac } from '../ports/native-mac.ts';
import { hasTwoHosts, refuse } from './refusal.ts';
import type { Listen, ServerRuntime } from './server-runtime.ts';

/** The part of Bun's global that we use (https://bun.com/docs/runtime/http/server). */
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

/** Seconds without a byte either way, the time for an answer included. */
const IDLE_TIMEOUT_SECONDS = 60;

/** Bun's own HTTP server. */
const listen: Listen = async ({ fetch, hostname, port }) => {
  const server = Bun.serve({
    fetch: (request, self) => {
      // None where the client has reset the connection meanwhile.
      const address = self.requestIP(request)?.address;
      return address && !hasTwoHosts(request) ? fetch(request, address) : refuse();
    },
    hostname,
    port,
    idleTimeout: IDLE_TIMEOUT_SECONDS,
  });
  return { port: server.port, close: () => server.stop() };
};

/** Bun. */
export const runtime: ServerRuntime = {
  listen,
  passwordPermits: availableParallelism(),
  createMac: createNativeMac,
  // An answer from bytes takes a copy of them, one from a Blob does not.
  shareBytes(bytes) {
    const blob = new Blob([bytes]);
    return () => blob;
  },
};
