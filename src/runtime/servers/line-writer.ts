/** Writes log lines. */
export interface LineWriter {
  /**
   * Buffers a line, given without its line feed, and writes it within milliseconds. Writes an urgent line at once,
   * after the buffered ones.
   */
  write(line: string, isUrgent?: boolean): void;
  /** Writes the buffered lines now. */
  flush(): void;
}

/** In milliseconds. Too short for a reader to notice, but long enough to batch the lines of a busy server. */
const MAX_DELAY_MS = 20;
const MAX_BUFFERED = 1000;

/**
 * Creates a writer that batches lines, because a system call for each line would cost the server more than all other
 * work for the line.
 *
 * @param print writes the lines synchronously and appends a line feed
 */
export function createLineWriter(print: (lines: string) => void): LineWriter {
  let buffered: string[] = [];

  function flush(): void {
    if (buffered.length === 0) return;
    const lines = buffered.join('\n');
    buffered = [];
    print(lines);
  }

  return {
    flush,
    write(line, isUrgent = false) {
      if (buffered.length === 0 && !isUrgent) setTimeout(flush, MAX_DELAY_MS);
      if (buffered.push(line) >= MAX_BUFFERED || isUrgent) flush();
    },
  };
}

/** Creates a writer to standard output that flushes before the process exits. */
export function createOutputWriter(): LineWriter {
  const writer = createLineWriter((lines) => console.log(lines));
  process.on('exit', writer.flush);
  // Deno emits no `exit` after an uncaught error.
  process.on('uncaughtExceptionMonitor', writer.flush);
  return writer;
}
