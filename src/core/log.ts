import { isoTime } from './time.ts';

/** From the most to the least talkative; `silent` writes nothing. */
export const LOG_LEVELS = ['debug', 'info', 'warn', 'error', 'silent'] as const;

export type LogLevel = (typeof LOG_LEVELS)[number];
export type LogFields = Readonly<Record<string, string | number | boolean | null | undefined>>;

/** One JSON object a line. Fields are named by the caller: never a body, a token or a person. */
export interface Logger {
  debug(event: string, fields?: LogFields): void;
  info(event: string, fields?: LogFields): void;
  warn(event: string, fields?: LogFields): void;
  error(event: string, fields?: LogFields): void;
}

/**
 * @param level the least important level that is written
 * @param write takes one line, without a line feed; an urgent one may be the last
 * @param clock milliseconds since 1970
 */
export function createLogger(
  level: LogLevel,
  write: (line: string, isUrgent: boolean) => void,
  clock: () => number = Date.now,
): Logger {
  const threshold = LOG_LEVELS.indexOf(level);
  const at = (own: Exclude<LogLevel, 'silent'>) => {
    if (LOG_LEVELS.indexOf(own) < threshold) return () => {};
    return (event: string, fields: LogFields = {}) =>
      write(
        JSON.stringify({ time: isoTime(clock()), level: own, event, ...fields }),
        own === 'error',
      );
  };
  return { debug: at('debug'), info: at('info'), warn: at('warn'), error: at('error') };
}
