import { type Http2Bindings, type HttpBindings, serve } from '@hono/node-server';
import type { Listen, Listening } from './server.ts';

/** How often connections that fell idle during a shutdown are closed. */
const IDLE_CHECK_MS = 50;

/** Node's own HTTP server. */
export const listen: Listen = ({ fetch, hostname, port }) =>
  new Promise<Listening>((resolve, reject) => {
    const answer = (request: Request, { incoming }: HttpBindings | Http2Bindings) =>
      fetch(request, incoming.socket.remoteAddress);
    const server = serve({ fetch: answer, hostname, port }, (address) => {
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
    server.once('error', reject);
  });
