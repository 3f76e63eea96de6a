import type { Listen } from './server.ts';

/** The part of Bun's global that we use (https://bun.com/docs/runtime/http/server). */
declare const Bun: {
  serve(options: {
    fetch: (request: Request, server: BunServer) => Response | Promise<Response>;
    hostname: string;
    port: number;
  }): BunServer;
};

interface BunServer {
  readonly port: number;
  requestIP(request: Request): { address: string } | null;
  stop(): Promise<void>;
}

/** Bun's own HTTP server. */
export const listen: Listen = async ({ fetch, hostname, port }) => {
  const server = Bun.serve({
    fetch: (request, self) => fetch(request, self.requestIP(request)?.address),
    hostname,
    port,
  });
  return { port: server.port, close: () => server.stop() };
};
