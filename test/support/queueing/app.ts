import { sql } from 'drizzle-orm';
import { createApp } from '../../../src/app.ts';
import { users } from '../../../src/core/db/schema.ts';
import { laterOf } from '../../../src/core/http/later.ts';
import type { ServerSeams } from '../../../src/runtime/servers/server.ts';
import { aheadMs } from './ahead.ts';

const CODE_LIFETIME_MS = 15 * 60_000;

/** The real app, with a route that queues a message as an operation does. `kick=no` leaves it to the sweep. */
export const createQueueingApp: typeof createApp = (deps, features) => {
  const app = createApp(deps, features);
  app.post('/test-messages', async (c) => {
    const { to = '', kick } = c.req.query();
    const [user] = await deps.db.select({ id: users.id }).from(users).limit(1);
    const build = await deps.messages.prepare(
      {
        kind: 'reset',
        channel: 'email',
        to,
        locale: 'en',
        token: `token of ${to}`,
        code: '123456',
      },
      { userId: user?.id ?? null, expiresAt: deps.clock() + CODE_LIFETIME_MS },
    );
    await deps.db.batch([build(sql`1 = 1`)]);
    if (kick !== 'no') deps.messages.kick(laterOf(c, deps.log));
    return c.body(null, 204);
  });
  return app;
};

/** A server with this app, a sweep each 300 milliseconds, and a clock that is ahead by a setting. */
export const queueing: ServerSeams = {
  createApp: createQueueingApp,
  delivery: { firstAfter: 100, every: 300 },
  clock: () => Date.now() + aheadMs(),
};
