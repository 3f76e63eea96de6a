import type { Metric } from './metrics.ts';
import type { Point } from './series.ts';
import { labelText, numberOf } from './text-format.ts';

/** Returns the lines of a counter or a histogram. */
export const textOfSeries = (name: string, metric: Metric, points: readonly Point[]): string =>
  points
    .map((point) =>
      metric.type === 'histogram'
        ? textOfHistogram(name, point, metric.buckets ?? [])
        : `${name}${braces(point.labels)} ${numberOf(point.sum)}\n`,
    )
    .join('');

function textOfHistogram(
  name: string,
  { labels, counts, sum }: Point,
  buckets: readonly number[],
): string {
  let total = 0;
  const lines = [...buckets, Number.POSITIVE_INFINITY].map((bound, i) => {
    total += counts[i] ?? 0;
    const le = labelText('le', numberOf(bound));
    return `${name}_bucket${braces(labels === '' ? le : `${labels},${le}`)} ${total}\n`;
  });
  return `${lines.join('')}${name}_sum${braces(labels)} ${numberOf(sum)}\n${name}_count${braces(labels)} ${total}\n`;
}

/** Returns the line of a gauge. */
export const textOfGauge = (name: string, labels: string, value: number): string =>
  `${name}${braces(labels)} ${numberOf(value)}\n`;

const braces = (labels: string): string => (labels === '' ? '' : `{${labels}}`);
