import type { AnalyticsEngineDataset } from '@cloudflare/workers-types';
import type { Meter } from '../../core/metrics/meter.ts';
import type { MetricName } from '../../core/metrics/metrics.ts';

/**
 * An invocation of a Worker may write 250 data points. Best effort: concurrent invocations of an isolate share the count,
 * and each starts it again. The rest is a reserve.
 */
const MAX_POINTS = 200;

/** A meter that writes data points to Analytics Engine. */
export interface AnalyticsMeter extends Meter {
  /** Call it when an invocation starts. */
  beginInvocation(): void;
}

/**
 * Creates a meter that writes one data point for each call: the name of the metric is its index, the values of the
 * labels its blobs in the alphabetical order of the labels, and 1 or the value its double. Writing does not wait for an
 * answer.
 */
export function createAnalyticsMeter(dataset: AnalyticsEngineDataset): AnalyticsMeter {
  let left = MAX_POINTS;

  function write(name: MetricName, value: number, labels: object): void {
    if (left <= 0) return;
    left--;
    const sorted = Object.entries(labels).sort(([a], [b]) => (a < b ? -1 : 1));
    const blobs = sorted.map(([, text]: [string, string]) => text);
    try {
      dataset.writeDataPoint({ indexes: [name], blobs, doubles: [value] });
    } catch {
      // Beyond the limit of the platform. A request must not fail for it.
      left = 0;
    }
  }

  return {
    beginInvocation() {
      left = MAX_POINTS;
    },
    count: (name, labels) => write(name, 1, labels),
    observe: write,
  };
}
