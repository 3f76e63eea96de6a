/** The output for the progress: `process.stderr`, or a replacement in tests. */
export interface Screen {
  readonly isTTY?: boolean;
  readonly columns?: number;
  write(text: string): unknown;
}

export interface Progress {
  /** Starts the next scenario. */
  begin(scenario: string): void;
  /** Shows the completed share of the scenario, 0 to 1. */
  at(share: number, what: string): void;
  /** Ends the last scenario. */
  end(): void;
}

const BAR_WIDTH = 24;
const CLEAR_LINE = '\r\u001b[2K';

/**
 * On a terminal, shows one bar for all scenarios. Elsewhere, prints one line per step, so that a log stays readable.
 *
 * @param weights the relative duration of each scenario
 */
export function createProgress(screen: Screen, weights: ReadonlyMap<string, number>): Progress {
  const total = [...weights.values()].reduce((sum, weight) => sum + weight, 0);
  let done = 0;
  let current = '';
  let last = '';

  function show(share: number, what: string): void {
    const whole = (done + (weights.get(current) ?? 0) * share) / total;
    const percent = `${Math.floor(whole * 100)}%`.padStart(4);
    const text = what === '' ? current : `${current} · ${what}`;
    if (screen.isTTY) {
      const filled = Math.floor(whole * BAR_WIDTH);
      const bar = '█'.repeat(filled) + '░'.repeat(BAR_WIDTH - filled);
      // Cut to the width of the terminal, because a wrapped line cannot be cleared.
      const line = `${bar} ${percent}  ${text}`.slice(0, (screen.columns ?? 80) - 1);
      screen.write(`${CLEAR_LINE}${line}`);
    } else if (text !== last) {
      screen.write(`${percent}  ${text}\n`);
    }
    last = text;
  }

  return {
    begin(scenario) {
      done += weights.get(current) ?? 0;
      current = scenario;
      show(0, '');
    },
    at: (share, what) => show(Math.min(1, Math.max(0, share)), what),
    end() {
      if (screen.isTTY) screen.write(CLEAR_LINE);
    },
  };
}
