import type { HousekeepingSchedule } from '../../../src/runtime/housekeeping-timer.ts';

/** What takes an hour elsewhere. In milliseconds. */
export const brisk: HousekeepingSchedule = { firstAfter: 50, every: 100 };
