/** The media type of Prometheus' text format (https://prometheus.io/docs/instrumenting/exposition_formats/). */
export const TEXT_FORMAT = 'text/plain; version=0.0.4; charset=utf-8';

/** Descriptions by the name of the metric. */
export type Help = Readonly<Record<string, string>>;

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

/** Returns the lines that introduce a metric. */
export function headOf(name: string, type: string, help: Help | undefined): string {
  const text = help?.[name];
  const described = text === undefined ? '' : `# HELP ${name} ${escapeHelp(text)}\n`;
  return `${described}# TYPE ${name} ${type}\n`;
}

/** @param labels as {@link labelText} writes them, separated by commas; empty if there are none */
export const lineOf = (name: string, labels: string, value: number): string =>
  `${name}${labels === '' ? '' : `{${labels}}`} ${numberOf(value)}\n`;
