import type { Meter } from './meter.ts';
import { type GaugeName, METRICS, type Metric, type MetricName } from './metrics.ts';
import { textOfGauge, textOfSeries } from './render.ts';
import { createSeries, type Labels, type Series } from './series.ts';
import { headOf } from './text-format.ts';

/** The value of a gauge, with its labels if it has any. */
export type GaugeValue = number | { readonly value: number; readonly labels: Labels };

/** Values of gauges. A gauge that is left out is not reported. */
export type GaugeValues = Readonly<Partial<Record<GaugeName, GaugeValue>>>;

/** Returns values of gauges when somebody asks. Must not reject. */
export type Collect = () => GaugeValues | Promise<GaugeValues>;

/** The metrics of this process. */
export interface Registry {
  /**
   * Returns the meter whose numbers the registry keeps. From then on, counters report 0 for each label that is known
   * beforehand, so that their first increase is seen.
   */
  startMeter(): Meter;
  /** Adds gauges, which are read at each call of `text`. */
  collect(source: Collect): void;
  /** Renders all metrics that have a value, in Prometheus' text format 0.0.4. */
  text(): Promise<string>;
}

export function createRegistry(): Registry {
  const recorded = new Map<MetricName, Series>();
  const sources: Collect[] = [];

  function seriesOf(name: MetricName): Series {
    const found = recorded.get(name);
    if (found) return found;
    const created = createSeries(METRICS[name]);
    recorded.set(name, created);
    return created;
  }

  const meter: Meter = {
    count(name, labels) {
      seriesOf(name).at(textsOf(labels)).sum++;
    },
    observe(name, value, labels) {
      seriesOf(name).at(textsOf(labels)).observe(value);
    },
  };

  return {
    startMeter() {
      for (const [name, metric] of entries()) {
        if (metric.type === 'counter') seriesOf(name).fill();
      }
      return meter;
    },

    collect(source) {
      sources.push(source);
    },

    async text() {
      const gauges: GaugeValues = Object.assign(
        {},
        ...(await Promise.all(sources.map((source) => source()))),
      );
      return entries()
        .map(([name, metric]) => {
          const lines =
            metric.type === 'gauge'
              ? gaugeText(name, metric, gauges[name as GaugeName])
              : textOfSeries(name, metric, recorded.get(name)?.all() ?? []);
          return lines === '' ? '' : headOf(name, metric) + lines;
        })
        .join('');
    },
  };
}

/** The types of {@link METRICS} give every label a text. */
const textsOf = (labels: object): Labels => labels as Labels;

const entries = () => Object.entries(METRICS) as [MetricName, Metric][];

function gaugeText(name: string, metric: Metric, gauge: GaugeValue | undefined): string {
  if (gauge === undefined) return '';
  const { value, labels } = typeof gauge === 'number' ? { value: gauge, labels: {} } : gauge;
  return textOfGauge(name, createSeries(metric).at(labels).labels, value);
}
