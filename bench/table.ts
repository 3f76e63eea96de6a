import { format, formatTarget, isMeasured, type NamedOutcome, type Row } from './outcome.ts';

const HEAD = ['scenario', 'what', 'target', 'measured', 'spread', ''] as const;

/** Renders all rows with a target as a table for the terminal, followed by the other figures and the notes. */
export function renderTable(outcomes: readonly NamedOutcome[]): string {
  const lines: (readonly string[])[] = [HEAD];
  for (const { scenario, title, outcome } of outcomes) {
    if (!isMeasured(outcome)) {
      lines.push([scenario, title, '', '—', '', 'not measured']);
      continue;
    }
    for (const row of outcome.rows) {
      const { label, unit, target, value, spread } = row;
      const range = `${format(spread.min, unit)} – ${format(spread.max, unit)}`;
      lines.push([
        scenario,
        label,
        formatTarget(target, unit),
        format(value, unit),
        range,
        verdictOf(row),
      ]);
    }
  }
  return [...aligned(lines), '', ...outcomes.flatMap(detailsOf)].join('\n');
}

/**
 * Returns whether the target is met. The verdict is in doubt if the target is within the spread of the rounds, because
 * the next run may differ.
 */
export function verdictOf({
  isMet,
  target: { bound },
  value,
  spread: { min, median, max },
}: Row): string {
  const isDoubtful = value === median && min < bound && bound < max;
  return `${isMet ? 'met' : 'not met'}${isDoubtful ? ', in doubt' : ''}`;
}

function detailsOf({ scenario, outcome }: NamedOutcome): string[] {
  if (!isMeasured(outcome)) return [`${scenario}: not measured: ${outcome.notMeasured}`];
  const figures = outcome.figures.map(({ label, unit, value, spread }) => {
    const range = `${format(spread.min, unit)} – ${format(spread.max, unit)}`;
    return `  ${label}: ${format(value, unit)} (${range})`;
  });
  return [`${scenario}:`, ...figures, ...outcome.notes.map((note) => `  ${note}`)];
}

function aligned(lines: readonly (readonly string[])[]): string[] {
  const widths = HEAD.map((_, column) =>
    Math.max(...lines.map((cells) => (cells[column] ?? '').length)),
  );
  const texts = lines.map((cells) =>
    cells
      .map((cell, column) => cell.padEnd(widths[column] ?? 0))
      .join('  ')
      .trimEnd(),
  );
  const rule = '─'.repeat(Math.max(...texts.map((text) => text.length)));
  return texts.flatMap((text, i) => (i === 0 ? [text, rule] : [text]));
}
