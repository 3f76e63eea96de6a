import type { Metric } from './metrics.ts';

/** The media type of Prometheus' text format (https://prometheus.io/docs/instrumenting/exposition_formats/). */
export const TEXT_FORMAT = 'text/plain; version=0.0.4; charset=utf-8';

const escapeHelp = (text: string): string => text.replaceAll('\\', '\\\\').replaceAll('\n', '\\n');

const escapeValue = (text: string): string => escapeHelp(text).replaceAll('"', '\\"');

/** Returns a label as `name="value"`. An empty value means the same as a missing label, and returns an empty text. */
export const labelText = (name: string, value: string): string =>
  value === '' ? '' : `${name}="${escapeValue(value)}"`;

/** Returns a number as Go parses it. */
export const numberOf = (value: number): string =>
  Number.isFinite(value)
    ? String(value)
    : Number.isNaN(value)
      ? 'NaN'
      : value > 0
        ? '+Inf'
        : '-Inf';

/** Returns the lines that describe a metric. */
export const headOf = (name: string, { help, type }: Metric): string =>
  `# HELP ${name} ${escapeHelp(help)}\n# TYPE ${name} ${type}\n`;
