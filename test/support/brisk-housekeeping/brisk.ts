import type { HousekeepingSchedule } from '../../../src/runtime/servers/housekeeping-timer.ts';

/** What takes an hour elsewhere. In milliseconds. */
export const brisk: HousekeepingSchedule = { firstAfter: 50, every: 100 };
