import type { Judgement } from './judgement.ts';

/** One line of the table. */
export interface Row extends Judgement {
  /** Whether all its responses equal the baseline's exactly. */
  readonly hasSameAnswer: boolean;
}

export interface Tally {
  readonly passed: number;
  readonly failed: number;
  /** 1 if a case failed, otherwise 2 if the machine was too noisy, otherwise 0. */
  readonly exitCode: 0 | 1 | 2;
}

const HEAD = ['case', 'median ms', 'ratio', 'spread', 'verdict'] as const;

/** A different response is a failure, however noisy the machine is. */
const isFailed = ({ verdict, hasSameAnswer }: Row): boolean =>
  verdict === 'failed' || !hasSameAnswer;

/** Cases that did not pass count as failed. The baseline counts only if its response differs. */
export function tallyOf(rows: readonly Row[]): Tally {
  const isPassed = (row: Row) => row.verdict === 'passed' && row.hasSameAnswer;
  const judged = rows.filter((row) => row.verdict !== 'baseline' || !row.hasSameAnswer);
  const passed = judged.filter(isPassed).length;
  const isNoisy = rows.some(({ verdict }) => verdict === 'too noisy');
  const exitCode = rows.some(isFailed) ? 1 : isNoisy ? 2 : 0;
  return { passed, failed: judged.length - passed, exitCode };
}

/** Formats the rows as a table for the terminal. */
export function renderTable(rows: readonly Row[]): string {
  const lines = [
    HEAD,
    ...rows.map(({ name, median, ratio, verdict, hasSameAnswer }) => [
      name,
      median.toFixed(1),
      ratio.median.toFixed(3),
      `${ratio.min.toFixed(3)} – ${ratio.max.toFixed(3)}`,
      hasSameAnswer ? verdict : `${verdict}; different response`,
    ]),
  ];
  const widths = HEAD.map((_, at) => Math.max(...lines.map((cells) => cells[at]?.length ?? 0)));
  return lines
    .map((cells) =>
      cells
        .map((cell, at) => cell.padEnd(widths[at] ?? 0))
        .join('  ')
        .trimEnd(),
    )
    .join('\n');
}
