import { type App, createApp, featuresOf } from './app.ts';
import type { Deps } from './deps.ts';
import { eventsAt } from './features/audit/event.ts';
import { createHousekeeping, type Housekeeping } from './features/housekeeping/housekeeping.ts';
import type { Delivery } from './features/messages/delivery.ts';
import { seedDemoUser } from './features/sign-up/demo-user.ts';

/** A Worker may send 50 requests in an invocation, those to its database included. */
export const MAX_IN_TICK = 20;

/**
 * Runs once before the first request. Reads the keys, and creates the demo user if it is enabled.
 *
 * @throws ConfigError if the secret cannot decrypt the keys; the database's error if a query fails
 */
export async function startUp(deps: Deps): Promise<void> {
  if (!deps.files) deps.log.info('avatars_off', { cure: 'to store pictures, set AVATARS' });
  await deps.tokenKeys.signing();
  await seedDemoUser(deps);
  await promoteFirstAdmin(deps);
}

/** Looks whether the address of `ADMIN_EMAIL` or `ADMIN_PHONE` is verified, and says so as long as it is not. */
async function promoteFirstAdmin({ firstAdmin, clock, log }: Deps): Promise<void> {
  if (!(await firstAdmin.isAwaited())) return;
  const caller = { requestId: crypto.randomUUID(), address: null, network: null, userAgent: null };
  await firstAdmin.promoteVerified(eventsAt(clock)(caller, null, 'role_change'));
  if (await firstAdmin.isAwaited()) {
    log.warn('first_admin_awaited', {
      cure: 'sign up with the address of ADMIN_EMAIL or ADMIN_PHONE, and verify it',
    });
  }
}

/** The app, its housekeeping and its delivery of messages. */
export interface Assembly {
  readonly app: App;
  /**
   * Runs the housekeeping once: deletes expired rows in small batches, then delivers messages. Servers call it hourly; a Worker calls it from
   * its cron trigger. Concurrent runs on one database are safe. Never rejects: it logs an error, and the next run
   * retries.
   *
   * @param signal stops the run before its next batch
   */
  readonly tick: Housekeeping['run'];
  /**
   * Sends the messages that are due, one run at a time. The servers call it every 15 seconds, a Worker from its cron
   * trigger, besides the kick of each request that queues a message. Never rejects.
   */
  readonly deliver: Delivery['deliver'];
}

/**
 * Creates each feature once, for both the app and its housekeeping, because a feature may keep state that its
 * operations and its jobs share.
 *
 * @param create replaced by tests
 */
export function assemble(deps: Deps, create = createApp): Assembly {
  const features = featuresOf(deps);
  const jobs = features.flatMap(({ jobs = [] }) => jobs);
  const housekeeping = createHousekeeping({ jobs, log: deps.log });
  const { deliver } = deps.messages;
  return {
    app: create(deps, features),
    async tick(signal) {
      const counts = await housekeeping.run(signal);
      await deliver(MAX_IN_TICK, signal);
      return counts;
    },
    deliver,
  };
}
