import { type Markup, markup } from '../../core/http/markup.ts';

/** Numbers of one kind, one for each slot. */
export interface Series {
  readonly label: string;
  readonly values: readonly number[];
}

/** A chart of bars, and its numbers as a table. */
export interface Chart {
  /** Begins the ids of its parts. */
  readonly id: string;
  readonly title: string;
  /** The same in words, for those who do not see it. */
  readonly summary: string;
  /** What each bar stands for. */
  readonly slots: readonly string[];
  /** One kind of bars, or a second one below the line: they differ by place, not by color alone. */
  readonly series: readonly [Series] | readonly [up: Series, down: Series];
  /** Stands below the bars, from the first to the last one. */
  readonly axis: readonly string[];
  /** The words of its table: the name, and the head of the first column. */
  readonly table: { readonly name: string; readonly slot: string };
}

const SLOT_WIDTH = 10;
const GAP = 1;
const HEIGHT = 100;

/** Draws a chart. The browser stretches it to the width of the page, so that it contains no text. */
export function chartOf(chart: Chart): Markup {
  const { id, title, summary, slots, series, axis } = chart;
  const [up, down] = series;
  const top = Math.max(0, ...up.values);
  const bottom = Math.max(0, ...(down?.values ?? []));
  const scale = HEIGHT / Math.max(1, top + bottom);
  const line = rounded(HEIGHT - bottom * scale);
  const width = slots.length * SLOT_WIDTH;
  return markup`<figure>
<figcaption id="${id}">${title}</figcaption>
${
  down &&
  markup`<p class="hint"><span aria-hidden="true">▲ </span>${up.label}<span aria-hidden="true"> ▼ </span>${down.label}</p>`
}<svg class="chart" viewBox="0 0 ${width} ${HEIGHT}" preserveAspectRatio="none" role="img" aria-labelledby="${id}-title ${id}-text"><title id="${id}-title">${title}</title><desc id="${id}-text">${summary}</desc><path class="up" d="${barsOf(up.values, line, -scale)}"></path>${
    down && markup`<path class="down" d="${barsOf(down.values, line, scale)}"></path>`
  }<path class="line" d="M0 ${line}h${width}"></path></svg>
<p class="axis hint${axis.length === slots.length ? ' each' : ''}" aria-hidden="true">${axis.map((label) => markup`<span>${label}</span>`)}</p>
<p class="hint" aria-hidden="true">${summary}</p>
${tableOf(chart)}
</figure>
`;
}

/** The path of the bars that stand on a line. @param scale height of one; negative to stand above it */
export const barsOf = (values: readonly number[], line: number, scale: number): string =>
  values
    .map((value, i) =>
      value === 0
        ? ''
        : `M${i * SLOT_WIDTH + GAP} ${line}v${rounded(value * scale)}h${SLOT_WIDTH - 2 * GAP}V${line}z`,
    )
    .join('');

const rounded = (value: number): number => Math.round(value * 100) / 100;

const tableOf = ({
  slots,
  series,
  table,
}: Chart): Markup => markup`<details><summary>${table.name}</summary>
<table><thead><tr><th scope="col">${table.slot}</th>${series.map(
  ({ label }) => markup`<th scope="col">${label}</th>`,
)}</tr></thead><tbody>
${slots.map(
  (slot, i) =>
    markup`<tr><th scope="row">${slot}</th>${series.map(
      ({ values }) => markup`<td>${values[i] ?? 0}</td>`,
    )}</tr>\n`,
)}</tbody></table></details>`;
