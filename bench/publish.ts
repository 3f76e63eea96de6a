import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { drawChart } from './chart.ts';
import { format, formatTarget, isMeasured, type Row } from './outcome.ts';
import type { Report } from './report.ts';
import { ROOT } from './root.ts';
import { verdictOf } from './table.ts';

export const FIGURES = 'docs/bench.json';
export const CHART = 'docs/bench.svg';
export const PAGE = 'docs/bench.md';

const [BEGIN, END] = ['<!-- figures, written by npm run bench -->', '<!-- end of figures -->'];
/** Further significant digits would be noise. */
const DIGITS = 5;

/** Writes the figures of a run into `docs/`, and renders the chart and the table from them. */
export function publish(report: Report): void {
  const text = `${JSON.stringify(report, roundNumber, 1).replaceAll(LIST, onOneLine)}\n`;
  writeFileSync(join(ROOT, FIGURES), text);
  // Rendered from the rounded figures in the file, so that the file alone is enough to render them again.
  const figures = readPublished();
  writeFileSync(join(ROOT, CHART), chartOf(figures));
  const page = readFileSync(join(ROOT, PAGE), 'utf8');
  writeFileSync(join(ROOT, PAGE), withFigures(page, figures));
}

/** Reads the figures that were published last. */
export const readPublished = (): Report =>
  // The cast is safe: `publish` writes a value of this type.
  JSON.parse(readFileSync(join(ROOT, FIGURES), 'utf8')) as Report;

const roundNumber = (_key: string, value: unknown): unknown =>
  typeof value === 'number' && !Number.isInteger(value) ? Number(value.toPrecision(DIGITS)) : value;

/** Matches a list of numbers with one number per line. */
const LIST = /\[\s+[-\d.]+(?:,\s+[-\d.]+)*\s+\]/g;
const onOneLine = (list: string): string => list.replaceAll(/\s+/g, ' ');

export function chartOf({ machine, startedAt, options, outcomes }: Report): string {
  const kind = options.isQuick ? ', a quick run' : '';
  return drawChart(
    outcomes,
    `${machine.cpu}, ${machine.cores} cores, Node ${machine.node}; ${machine.commit}, ${startedAt.slice(0, 10)}${kind}. The mark is the target, the line the spread; green meets it.`,
  );
}

/**
 * Replaces the figures between the two marks of a page.
 *
 * @throws Error if the page has no such marks
 */
export function withFigures(page: string, report: Report): string {
  const [from, to] = [page.indexOf(BEGIN), page.indexOf(END)];
  if (from < 0 || to < from) throw new Error(`${PAGE} has no place for the figures`);
  return `${page.slice(0, from)}${BEGIN}\n${renderFigures(report)}\n${page.slice(to)}`;
}

/** Renders the results as Markdown. */
function renderFigures({ machine, startedAt, seconds, options, stolen, outcomes }: Report): string {
  const rows = outcomes.flatMap(({ scenario, title, outcome }) =>
    isMeasured(outcome)
      ? outcome.rows.map((row, i) => lineOf(i === 0 ? `\`${scenario}\`` : '', row))
      : [cells(`\`${scenario}\``, title, '', '', '', 'not measured')],
  );
  const kind = options.isQuick ? 'A quick run' : 'A run';
  const others =
    stolen === undefined
      ? ''
      : ` Meanwhile other guests of its host took ${format(stolen, 'share')} of the processors’ time.`;
  return [
    `${kind} of ${Math.round(seconds / 60)} minutes, ${options.rounds} rounds, of commit \`${machine.commit}\` on ${startedAt.slice(0, 10)}: ${machine.cores} processors (${machine.cpu}), ${machine.system}, Node ${machine.node}, Bun ${machine.bun}, Deno ${machine.deno}.${others}`,
    '',
    '![Each target and what was measured](bench.svg)',
    '',
    cells('name', 'what', 'target', 'measured', 'rounds', ''),
    cells('---', '---', '---', '---', '---', '---'),
    ...rows,
  ].join('\n');
}

function lineOf(name: string, row: Row): string {
  const { label, unit, target, value, spread, samples } = row;
  const range =
    samples.length > 1 ? `${format(spread.min, unit)} to ${format(spread.max, unit)}` : '';
  const measured = format(value, unit);
  return cells(name, label, formatTarget(target, unit), measured, range, verdictOf(row));
}

const cells = (...texts: readonly string[]): string => `| ${texts.join(' | ')} |`;
