import { type Database, describeError } from '../../core/db/database.ts';
import type { Logger } from '../../core/log.ts';
import type { Gauges } from '../../core/metrics/gauges.ts';
import { withinLimit } from '../../core/outbound.ts';
import { VERSION } from '../../core/version.ts';
import { readBacklog } from './store.ts';

/** How long a scrape waits for the database, in milliseconds. Prometheus gives up after 10 s by default. */
const DATABASE_LIMIT_MS = 3000;

/** What the gauges are read from. */
export interface GaugeParts {
  /** `undefined` if nobody may read the metrics. */
  readonly gauges: Gauges | undefined;
  readonly db: Database;
  readonly log: Logger;
  /** Milliseconds since 1970. */
  readonly clock: () => number;
  readonly runtime?: string | undefined;
  /** `waiting` is absent if the platform bounds the work itself. */
  readonly passwordGate: { readonly waiting?: () => number };
}

/** Adds the gauges that need no server. If the database does not answer, those that it knows are left out. */
export function addGauges({
  gauges,
  db,
  log,
  clock,
  runtime = '',
  passwordGate,
}: GaugeParts & { readonly gauges: Gauges }): void {
  gauges.collect(() => ({
    latchkey_build_info: { value: 1, labels: { version: VERSION, runtime } },
    ...(passwordGate.waiting && { latchkey_password_queue_waiting: passwordGate.waiting() }),
  }));
  gauges.collect(async () => {
    try {
      const { count, firstDue } = await withinLimit(DATABASE_LIMIT_MS, () => readBacklog(db));
      const overdue = firstDue === null ? 0 : Math.max(0, clock() - firstDue) / 1000;
      return {
        latchkey_outbox_messages: count,
        latchkey_outbox_overdue_seconds: overdue,
      };
    } catch (error) {
      log.warn('metrics_incomplete', { error: describeError(error) });
      return {};
    }
  });
}
