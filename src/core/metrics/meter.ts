import type { CounterName, HistogramName, LabelsOf } from './metrics.ts';

/** Records metrics. Never throws, and does no I/O that a caller would wait for. */
export interface Meter {
  /** Increments a counter. */
  count<Name extends CounterName>(name: Name, labels: LabelsOf<Name>): void;
  /** Adds a value to a histogram, in the unit that its name ends with. */
  observe<Name extends HistogramName>(name: Name, value: number, labels: LabelsOf<Name>): void;
}

/** A no-op meter, for servers without metrics. */
export const silentMeter: Meter = {
  count() {},
  observe() {},
};
