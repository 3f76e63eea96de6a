import type { Schedule } from '../../../src/runtime/servers/timer.ts';

/** Runs housekeeping every 100 milliseconds; the servers run it hourly. */
export const brisk: Schedule = { firstAfter: 50, every: 100 };
