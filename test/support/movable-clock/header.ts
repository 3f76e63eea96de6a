/** Says what time it is for one request: milliseconds since 1970. */
export const TEST_CLOCK_HEADER = 'X-Test-Clock';
