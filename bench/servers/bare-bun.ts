import { announce, createBareApp } from './bare-app.ts';

declare const Bun: {
  serve(options: {
    fetch: (request: Request) => Response | Promise<Response>;
    hostname: string;
    port: number;
  }): { readonly port: number };
};

announce(Bun.serve({ fetch: createBareApp().fetch, hostname: '127.0.0.1', port: 0 }).port);
