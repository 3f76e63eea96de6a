/** Says what time it is for one request: milliseconds since 1970. */
export const TEST_CLOCK_HEADER = 'X-Test-Clock';

/** Has the Worker do, at the time that the request brings, what a cron trigger has it do. */
export const SCHEDULED_PATH = '/test-scheduled';
