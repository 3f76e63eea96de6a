import { createGauges, type Gauges } from './gauges.ts';
import { METRIC_HELP } from './help.ts';
import type { Meter } from './meter.ts';
import { METRICS, type Metric, type MetricName } from './metrics.ts';
import { createSeries, type Labels, type Point, type Series } from './series.ts';
import { headOf, labelText, lineOf, numberOf } from './text-format.ts';

/** The metrics of this process: those that its meter has recorded, and gauges. */
export interface Registry extends Gauges {
  readonly meter: Meter;
}

/**
 * Creates a registry. Counters report 0 for each combination of labels that is known beforehand, so that their first
 * increase is seen.
 */
export function createRegistry(): Registry {
  const recorded = new Map<MetricName, Series>();
  for (const [name, metric] of Object.entries(METRICS) as [MetricName, Metric][]) {
    if (metric.type === 'gauge') continue;
    const series = createSeries(metric);
    if (metric.type === 'counter') series.fill();
    recorded.set(name, series);
  }
  const gauges = createGauges(METRIC_HELP);

  return {
    meter: {
      count(name, labels) {
        const point = recorded.get(name)?.at(textsOf(labels));
        if (point) point.sum++;
      },
      observe(name, value, labels) {
        recorded.get(name)?.at(textsOf(labels)).observe(value);
      },
    },
    collect: gauges.collect,
    async text() {
      // First, so that the database calls of this scrape are counted.
      const gaugeText = await gauges.text();
      const texts = [...recorded].map(([name, series]) => {
        const { type, buckets }: Metric = METRICS[name];
        const lines = series
          .all()
          .map((point) =>
            buckets ? textOfHistogram(name, point, buckets) : lineOf(name, point.labels, point.sum),
          );
        return lines.length === 0 ? '' : headOf(name, type, METRIC_HELP) + lines.join('');
      });
      return texts.join('') + gaugeText;
    },
  };
}

/** The types of {@link METRICS} give every label a text. */
const textsOf = (labels: object): Labels => labels as Labels;

function textOfHistogram(
  name: string,
  { labels, counts, sum }: Point,
  buckets: readonly number[],
): string {
  let total = 0;
  const lines = [...buckets, Number.POSITIVE_INFINITY].map((bound, i) => {
    total += counts[i] ?? 0;
    const le = labelText('le', numberOf(bound));
    return lineOf(`${name}_bucket`, labels === '' ? le : `${labels},${le}`, total);
  });
  return `${lines.join('')}${lineOf(`${name}_sum`, labels, sum)}${lineOf(`${name}_count`, labels, total)}`;
}
