import { setTimeout as delay } from 'node:timers/promises';
import { createApp } from '../../../src/app.ts';
import { laterOf } from '../../../src/core/http/later.ts';

/** How long the work of these routes continues after the response, in milliseconds. */
export const WORK_MS = 1500;

class Unsent extends Error {
  override readonly name = 'Unsent';
}

/** The real app, with additional routes whose work outlives their responses. */
export const createAppWithLateWork: typeof createApp = (deps, features) => {
  const app = createApp(deps, features);
  app.get('/test-late/done', (c) => {
    const later = laterOf(c, deps.log);
    later(async () => {
      await delay(WORK_MS);
      // Nested work: the server must keep the database open for it.
      later(deps.pingDatabase().then(() => deps.log.info('late_work_done')));
    });
    return c.body(null, 204);
  });
  app.get('/test-late/failed', (c) => {
    laterOf(c, deps.log)(Promise.reject(new Unsent('to ada@example.com')));
    return c.body(null, 204);
  });
  app.get('/test-late/endless', (c) => {
    laterOf(c, deps.log)(() => new Promise(() => {}));
    return c.body(null, 204);
  });
  return app;
};
