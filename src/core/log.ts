import { isoTime } from './time.ts';

/** From the most to the least verbose; `silent` writes nothing. */
export const LOG_LEVELS = ['debug', 'info', 'warn', 'error', 'silent'] as const;

export type LogLevel = (typeof LOG_LEVELS)[number];
export type LogFields = Readonly<Record<string, string | number | boolean | null | undefined>>;

/** Formats a line, without a line feed. `time` is in milliseconds since 1970. */
export type FormatLine = (
  time: number,
  level: Exclude<LogLevel, 'silent'>,
  event: string,
  fields: LogFields,
) => string;

/** Writes one line per event. Callers must not log a body, a token or personal data. */
export interface Logger {
  debug(event: string, fields?: LogFields): void;
  info(event: string, fields?: LogFields): void;
  warn(event: string, fields?: LogFields): void;
  error(event: string, fields?: LogFields): void;
}

/** One JSON object per line. */
export const jsonFormat: FormatLine = (time, level, event, fields) =>
  JSON.stringify({ time: isoTime(time), level, event, ...fields });

/**
 * @param level the lowest level that is written
 * @param write receives one line, without a line feed. Must not buffer an urgent line: the process may be about to exit
 * @param clock milliseconds since 1970
 * @param format formats each line; as JSON by default
 */
export function createLogger(
  level: LogLevel,
  write: (line: string, isUrgent: boolean) => void,
  clock: () => number = Date.now,
  format: FormatLine = jsonFormat,
): Logger {
  const threshold = LOG_LEVELS.indexOf(level);
  const writerOf = (lineLevel: Exclude<LogLevel, 'silent'>) => {
    if (LOG_LEVELS.indexOf(lineLevel) < threshold) return () => {};
    return (event: string, fields: LogFields = {}) =>
      write(format(clock(), lineLevel, event, fields), lineLevel === 'error');
  };
  return {
    debug: writerOf('debug'),
    info: writerOf('info'),
    warn: writerOf('warn'),
    error: writerOf('error'),
  };
}
