import type { Meter } from './ports.ts';

/** A no-op meter, for runtimes that provide none. */
export const silentMeter: Meter = {
  count() {},
  observe() {},
};
