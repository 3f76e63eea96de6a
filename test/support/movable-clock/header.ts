/** The header that sets the time of one request, in milliseconds since 1970. */
export const TEST_CLOCK_HEADER = 'X-Test-Clock';

/** The path that runs the Worker's scheduled handler, at the time that the request carries. */
export const SCHEDULED_PATH = '/test-scheduled';
