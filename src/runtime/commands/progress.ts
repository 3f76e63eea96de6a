/** Where progress is drawn. */
export interface ProgressStream {
  readonly isTTY?: boolean;
  readonly columns?: number;
  write(text: string): unknown;
}

export interface Progress {
  /**
   * @param done in the unit of `total`
   * @param accounts read so far
   */
  update(done: number, accounts: number): void;
  /** Removes the bar. */
  clear(): void;
}

interface ProgressOptions {
  readonly stream: ProgressStream;
  readonly total: number;
  /** Milliseconds, from any start. */
  readonly clock: () => number;
}

interface Sample {
  readonly at: number;
  readonly done: number;
  readonly accounts: number;
}

const REDRAW_MS = 200;
/** The rate is that of the last seconds: accounts that are already imported are read faster. */
const WINDOW_MS = 10_000;
const BAR_WIDTH = 24;
const DEFAULT_COLUMNS = 80;
/** Removes what is on the line of the cursor. */
export const CLEAR_LINE = '\r\u001b[K';

/** Draws a bar in place, at most five times a second. Draws nothing unless the stream is a terminal. */
export function createProgress({ stream, total, clock }: ProgressOptions): Progress {
  if (stream.isTTY !== true) return { update() {}, clear() {} };
  let samples: readonly Sample[] = [{ at: clock(), done: 0, accounts: 0 }];
  let drawnAt = Number.NEGATIVE_INFINITY;
  let isDrawn = false;
  return {
    update(done, accounts) {
      const at = clock();
      if (at - drawnAt < REDRAW_MS) return;
      drawnAt = at;
      const newest = { at, done, accounts };
      const recent = samples.filter((sample) => at - sample.at <= WINDOW_MS);
      samples = [...(recent.length > 0 ? recent : samples.slice(-1)), newest];
      const [oldest = newest] = samples;
      // The last column stays empty, because some terminals would begin a new line.
      const width = (stream.columns || DEFAULT_COLUMNS) - 1;
      stream.write(CLEAR_LINE + progressLine(oldest, newest, total).slice(0, Math.max(width, 0)));
      isDrawn = true;
    },
    clear() {
      if (isDrawn) stream.write(CLEAR_LINE);
      isDrawn = false;
    },
  };
}

/** The line of a bar: how far it is, the accounts so far, their rate and the time left. */
export function progressLine(oldest: Sample, newest: Sample, total: number): string {
  const part = total > 0 ? Math.min(newest.done / total, 1) : 1;
  const filled = Math.round(part * BAR_WIDTH);
  const bar = '#'.repeat(filled) + '-'.repeat(BAR_WIDTH - filled);
  const seconds = (newest.at - oldest.at) / 1000;
  const [rate, speed] =
    seconds > 0
      ? [(newest.accounts - oldest.accounts) / seconds, (newest.done - oldest.done) / seconds]
      : [0, 0];
  const left = speed > 0 ? `, ${duration((total - newest.done) / speed)} left` : '';
  const percent = String(Math.floor(part * 100)).padStart(3);
  const accounts = newest.accounts.toLocaleString('en');
  return `[${bar}] ${percent}% ${accounts} accounts, ${Math.round(rate).toLocaleString('en')}/s${left}`;
}

/** A time as `1:05` or `2:01:05`. */
function duration(seconds: number): string {
  const whole = Math.max(0, Math.round(seconds));
  const [hours, minutes] = [Math.floor(whole / 3600), Math.floor(whole / 60) % 60];
  const rest = String(whole % 60).padStart(2, '0');
  return hours > 0 ? `${hours}:${String(minutes).padStart(2, '0')}:${rest}` : `${minutes}:${rest}`;
}
