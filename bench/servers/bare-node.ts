import { serve } from '@hono/node-server';
import { announce, createBareApp } from './bare-app.ts';

serve({ fetch: createBareApp().fetch, hostname: '127.0.0.1', port: 0 }, ({ port }) =>
  announce(port),
);
