import { isoTime } from './time.ts';

/** From the most to the least verbose; `silent` writes nothing. */
export const LOG_LEVELS = ['debug', 'info', 'warn', 'error', 'silent'] as const;

export type LogLevel = (typeof LOG_LEVELS)[number];
export type LogFields = Readonly<Record<string, string | number | boolean | null | undefined>>;

/** Writes one JSON object per line. Callers must not log a body, a token or personal data. */
export interface Logger {
  debug(event: string, fields?: LogFields): void;
  info(event: string, fields?: LogFields): void;
  warn(event: string, fields?: LogFields): void;
  error(event: string, fields?: LogFields): void;
}

/**
 * @param level the lowest level that is written
 * @param write receives one line without a line feed. An urgent line must not be buffered: the process may be
 * about to exit
 * @param clock milliseconds since 1970
 */
export function createLogger(
  level: LogLevel,
  write: (line: string, isUrgent: boolean) => void,
  clock: () => number = Date.now,
): Logger {
  const threshold = LOG_LEVELS.indexOf(level);
  const writerOf = (lineLevel: Exclude<LogLevel, 'silent'>) => {
    if (LOG_LEVELS.indexOf(lineLevel) < threshold) return () => {};
    return (event: string, fields: LogFields = {}) =>
      write(
        JSON.stringify({ time: isoTime(clock()), level: lineLevel, event, ...fields }),
        lineLevel === 'error',
      );
  };
  return {
    debug: writerOf('debug'),
    info: writerOf('info'),
    warn: writerOf('warn'),
    error: writerOf('error'),
  };
}
