import type { GaugeName } from './metrics.ts';
import { type Help, headOf, labelText, lineOf } from './text-format.ts';

/** The value of a gauge, with its labels if it has any. */
export type GaugeValue =
  | number
  | { readonly value: number; readonly labels: Readonly<Record<string, string>> };

/** Values of gauges. A gauge that is left out is not reported. */
export type GaugeValues = Readonly<Partial<Record<GaugeName, GaugeValue>>>;

/** Returns values of gauges when somebody asks. Must not reject. */
export type Collect = () => GaugeValues | Promise<GaugeValues>;

/** Numbers that are read when somebody asks for them. */
export interface Gauges {
  collect(source: Collect): void;
  /** Renders all metrics that have a value, in Prometheus' text format 0.0.4. */
  text(): Promise<string>;
}

/** @param help the descriptions of metrics; left out of the text if omitted */
export function createGauges(help?: Help): Gauges {
  const sources: Collect[] = [];
  return {
    collect(source) {
      sources.push(source);
    },

    async text() {
      const values = await Promise.all(sources.map((source) => source()));
      return values
        .flatMap((each) => Object.entries(each))
        .map(([name, gauge]) => {
          const { value, labels } =
            typeof gauge === 'number' ? { value: gauge, labels: {} } : gauge;
          const texts = Object.entries(labels).map(([label, text]) => labelText(label, text));
          return headOf(name, 'gauge', help) + lineOf(name, texts.filter(Boolean).join(), value);
        })
        .join('');
    },
  };
}
