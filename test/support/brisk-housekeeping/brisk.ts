import type { HousekeepingSchedule } from '../../../src/runtime/servers/housekeeping-timer.ts';

/** Runs housekeeping every 100 milliseconds; the servers run it hourly. */
export const brisk: HousekeepingSchedule = { firstAfter: 50, every: 100 };
