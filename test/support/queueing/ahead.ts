/** How far the clock of a queueing server is ahead, in milliseconds: claims of a server that died have ended by then. */
export const AHEAD_SETTING = 'TEST_CLOCK_AHEAD_MS';

export const aheadMs = (): number => Number(process.env[AHEAD_SETTING] ?? 0);
