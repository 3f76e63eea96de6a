import { CLEAR_LINE } from '../progress.ts';

const CODES = { SIGINT: 130, SIGTERM: 143 } as const;

type Signal = keyof typeof CODES;

/** Ends a run by Ctrl-C or SIGTERM: after the batch in flight, and at once the second time. */
export interface Interruption {
  readonly isRequested: boolean;
  /** The exit code of an interrupted run. */
  readonly exitCode: number;
  /** Gives the signals back. */
  release(): void;
}

/** Listens for signals. Explains the first one on standard error. */
export function listenForInterruption(): Interruption {
  let signal: Signal | undefined;
  const listen = (name: Signal) => {
    if (signal !== undefined) process.exit(CODES[name]);
    signal = name;
    // In place of the progress bar.
    const start = process.stderr.isTTY ? CLEAR_LINE : '';
    console.error(`${start}Finishing the batch in flight. Ctrl-C again ends at once.`);
  };
  for (const name of ['SIGINT', 'SIGTERM'] as const) process.on(name, listen);
  return {
    get isRequested() {
      return signal !== undefined;
    },
    get exitCode() {
      return CODES[signal ?? 'SIGINT'];
    },
    release() {
      for (const name of ['SIGINT', 'SIGTERM'] as const) process.off(name, listen);
    },
  };
}
