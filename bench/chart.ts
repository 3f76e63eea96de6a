import {
  type Figure,
  format,
  formatTarget,
  isMeasured,
  type NamedOutcome,
  type Row,
} from './outcome.ts';

const WIDTH = 860;
const LEFT = 340;
const BAR_WIDTH = 330;
const LINE = 24;
const BAR = 14;
const MARGIN = 24;

/** Follows the reader's color scheme and uses only system fonts. */
const STYLE = `
  text { font: 13px ui-sans-serif, system-ui, sans-serif; fill: #1f2328; }
  .head { font-weight: 600; font-size: 15px; }
  .small { font-size: 11px; fill: #59636e; }
  .track { fill: #eaeef2; }
  .own { fill: #1a7f37; }
  .other { fill: #8c959f; }
  .missed { fill: #bc4c00; }
  .mark { stroke: #1f2328; stroke-width: 1.5; }
  .spread { stroke: #1f2328; stroke-width: 1; stroke-opacity: 0.55; }
  .paper { fill: #ffffff; }
  @media (prefers-color-scheme: dark) {
    text { fill: #e6edf3; }
    .small { fill: #9198a1; }
    .track { fill: #21262d; }
    .own { fill: #3fb950; }
    .other { fill: #6e7681; }
    .missed { fill: #f0883e; }
    .mark, .spread { stroke: #e6edf3; }
    .paper { fill: #0d1117; }
  }`;

const escapeXml = (text: string): string =>
  text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');

/**
 * Draws all values relative to their targets. A line shows the range from the minimum to the maximum of the rounds.
 * Below, draws the throughput of all servers that were measured at full load.
 *
 * @param caption one line about the machine and the date
 */
export function drawChart(outcomes: readonly NamedOutcome[], caption: string): string {
  const parts: string[] = [];
  let y = MARGIN + 8;
  const write = (x: number, text: string, className = '') =>
    parts.push(
      `<text x="${x}" y="${y}"${className && ` class="${className}"`}>${escapeXml(text)}</text>`,
    );

  write(MARGIN, 'Targets', 'head');
  y += LINE;
  for (const { scenario, outcome } of outcomes) {
    if (!isMeasured(outcome)) {
      write(MARGIN, `${scenario}: not measured`);
      y += LINE;
      continue;
    }
    for (const row of outcome.rows) {
      write(MARGIN, row.label);
      parts.push(targetBar(row, y));
      write(
        LEFT + BAR_WIDTH + 12,
        `${format(row.value, row.unit)}  (${formatTarget(row.target, row.unit)})`,
      );
      y += LINE;
    }
  }
  for (const { scenario, outcome } of outcomes) {
    const throughputs = isMeasured(outcome)
      ? outcome.figures.filter(({ unit }) => unit === 'per second')
      : [];
    if (throughputs.length === 0) continue;
    y += LINE / 2;
    write(MARGIN, `Answers a second: ${scenario}`, 'head');
    y += LINE;
    const most = Math.max(...throughputs.map(({ value }) => value));
    for (const figure of throughputs) {
      write(MARGIN, figure.label);
      parts.push(throughputBar(figure, most, y));
      write(LEFT + BAR_WIDTH + 12, format(figure.value, figure.unit));
      y += LINE;
    }
  }
  y += LINE / 2;
  write(MARGIN, caption, 'small');
  const height = y + MARGIN;
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${height}" width="${WIDTH}" height="${height}" role="img" aria-label="Measured against the targets">`,
    `<style>${STYLE}\n</style>`,
    `<rect class="paper" width="${WIDTH}" height="${height}" rx="8"/>`,
    ...parts,
    '</svg>\n',
  ].join('\n');
}

/** Draws a bar. The mark in the middle is the target. A bar longer than its track is cut off. */
function targetBar({ value, target, isMet, spread }: Row, y: number): string {
  const middle = LEFT + BAR_WIDTH / 2;
  const widthOf = (measured: number) =>
    Math.min(BAR_WIDTH, (BAR_WIDTH / 2) * (measured / target.bound));
  const [from, to] = [widthOf(spread.min), widthOf(spread.max)].map((x) => (LEFT + x).toFixed(1));
  return [
    bar('track', BAR_WIDTH, y),
    bar(isMet ? 'own' : 'missed', widthOf(value), y),
    `<line class="spread" x1="${from}" x2="${to}" y1="${y - BAR / 2 + 3}" y2="${y - BAR / 2 + 3}"/>`,
    `<line class="mark" x1="${middle}" x2="${middle}" y1="${y - BAR}" y2="${y + 5}"/>`,
  ].join('');
}

const throughputBar = ({ label, value }: Figure, most: number, y: number): string =>
  bar('track', BAR_WIDTH, y) + bar(isOurs(label) ? 'own' : 'other', (BAR_WIDTH * value) / most, y);

const isOurs = (label: string): boolean => label.startsWith('Latchkey') || label === 'logins';

const bar = (className: string, width: number, y: number): string =>
  `<rect class="${className}" x="${LEFT}" y="${y - BAR + 3}" width="${width.toFixed(1)}" height="${BAR}" rx="2"/>`;
