import { serve } from './server.ts';

/** The part of Bun's global that we use (https://bun.com/docs/runtime/http/server). */
declare const Bun: {
  serve(options: {
    fetch: (request: Request) => Response | Promise<Response>;
    hostname: string;
    port: number;
  }): { port: number; stop(): Promise<void> };
};

await serve(async ({ fetch, hostname, port }) => {
  const server = Bun.serve({ fetch: (request) => fetch(request), hostname, port });
  return { port: server.port, close: () => server.stop() };
});
