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

/** @param onRequest called once, at the first signal */
export function onInterruption(onRequest: () => void): Interruption {
  let signal: Signal | undefined;
  const listen = (name: Signal) => {
    if (signal !== undefined) process.exit(CODES[name]);
    signal = name;
    onRequest();
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
