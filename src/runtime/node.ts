import { type Http2Bindings, type HttpBindings, serve as serveHttp } from '@hono/node-server';
import { type Listening, serve } from './server.ts';

/** How often connections that fell idle during a shutdown are closed. */
const IDLE_CHECK_MS = 50;

await serve(
  ({ fetch, hostname, port }) =>
    new Promise<Listening>((resolve, reject) => {
      const answer = (request: Request, { incoming }: HttpBindings | Http2Bindings) =>
        fetch(request, incoming.socket.remoteAddress);
      const server = serveHttp({ fetch: answer, hostname, port }, (address) => {
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
    }),
);
