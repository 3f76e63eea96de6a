/** Where the progress is shown. */
export interface ProgressOutput {
  readonly isTTY?: boolean;
  write(text: string): unknown;
}

export interface Progress {
  add(count: number): void;
  /** Removes the line. */
  end(): void;
}

const SILENT: Progress = { add() {}, end() {} };
const INTERVAL_MS = 200;
/** Returns to the start of the line and erases it. */
const ERASE = '\r\u001b[K';

/**
 * Shows how many of `total` accounts have been written, on a terminal only.
 *
 * @param clock milliseconds
 */
export function createProgress(
  total: number,
  output: ProgressOutput,
  clock: () => number = () => performance.now(),
): Progress {
  if (output.isTTY !== true) return SILENT;
  const start = clock();
  let shownAt = Number.NEGATIVE_INFINITY;
  let done = 0;
  return {
    add(count) {
      done += count;
      const now = clock();
      if (now - shownAt < INTERVAL_MS) return;
      shownAt = now;
      const rate = (done / Math.max(now - start, 1)) * 1000;
      output.write(
        `${ERASE}${number(done)} of ${number(total)} accounts, ${number(rate)} a second`,
      );
    },
    end() {
      if (shownAt > Number.NEGATIVE_INFINITY) output.write(ERASE);
    },
  };
}

const number = (value: number): string => Math.round(value).toLocaleString('en');
