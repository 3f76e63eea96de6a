import type { Judgement } from './judgement.ts';

/** One line of the table. */
export interface Row extends Judgement {
  /** Whether all its answers were the baseline's, to the letter. */
  readonly hasSameAnswer: boolean;
}

export interface Tally {
  readonly passed: number;
  readonly failed: number;
  /** 1 where something failed, else 2 where the machine was too noisy to tell, else 0. */
  readonly exitCode: 0 | 1 | 2;
}

const HEAD = ['case', 'median ms', 'ratio', 'spread', 'verdict'] as const;

/** Another answer is a failure however noisy the machine is. */
const isFailed = ({ verdict, hasSameAnswer }: Row): boolean =>
  verdict === 'failed' || !hasSameAnswer;

/** What is not passed counts as failed; the baseline is no case of its own. */
export function tallyOf(rows: readonly Row[]): Tally {
  const isPassed = (row: Row) => row.verdict === 'passed' && row.hasSameAnswer;
  const judged = rows.filter((row) => row.verdict !== 'baseline' || !row.hasSameAnswer);
  const passed = judged.filter(isPassed).length;
  const isNoisy = rows.some(({ verdict }) => verdict === 'too noisy');
  const exitCode = rows.some(isFailed) ? 1 : isNoisy ? 2 : 0;
  return { passed, failed: judged.length - passed, exitCode };
}

/** A table for the screen. */
export function renderTable(rows: readonly Row[]): string {
  const lines = [
    HEAD,
    ...rows.map(({ name, median, ratio, verdict, hasSameAnswer }) => [
      name,
      median.toFixed(1),
      ratio.median.toFixed(3),
      `${ratio.min.toFixed(3)} – ${ratio.max.toFixed(3)}`,
      hasSameAnswer ? verdict : `${verdict}; another answer`,
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
