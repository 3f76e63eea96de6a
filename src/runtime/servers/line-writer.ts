/** Writes lines of a log. */
export interface LineWriter {
  /**
   * Takes a line, without a line feed. It is written soon, together with those that come at the same time;
   * an urgent one at once, behind those that wait.
   */
  write(line: string, isUrgent?: boolean): void;
  /** Writes what waits, now. */
  flush(): void;
}

/** Too short for a reader to notice, long enough for many lines of a busy server. Milliseconds. */
const MAX_DELAY_MS = 20;
const MAX_WAITING = 1000;

/**
 * Collects lines and writes them together: each by itself would cost the server a system call, which is
 * more than all the rest that a line costs it.
 *
 * @param print writes lines at once, and a line feed behind the last
 */
export function createLineWriter(print: (lines: string) => void): LineWriter {
  let waiting: string[] = [];

  function flush(): void {
    if (waiting.length === 0) return;
    const lines = waiting.join('\n');
    waiting = [];
    print(lines);
  }

  return {
    flush,
    write(line, isUrgent = false) {
      if (waiting.length === 0 && !isUrgent) setTimeout(flush, MAX_DELAY_MS);
      if (waiting.push(line) >= MAX_WAITING || isUrgent) flush();
    },
  };
}

/** Lines of this process on standard output, where the last ones are written before it exits. */
export function createOutputWriter(): LineWriter {
  const writer = createLineWriter((lines) => console.log(lines));
  process.on('exit', writer.flush);
  // Deno emits no `exit` after an uncaught error.
  process.on('uncaughtExceptionMonitor', writer.flush);
  return writer;
}
