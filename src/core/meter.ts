import type { Meter } from './ports.ts';

/** Drops what it is given. Stands in where a runtime brings no meter. */
export const silentMeter: Meter = {
  count() {},
  observe() {},
};
