import type { FormatLine, LogFields, LogLevel } from './log.ts';
import { isoTime } from './time.ts';

const TIME_OF_DAY = { start: 'yyyy-mm-ddT'.length, end: -1 } as const;

/** SGR parameters of a terminal (ECMA-48 section 8.3.117). */
const FAINT = 2;
const BOLD = 1;
const LEVEL_COLORS: Readonly<Record<Exclude<LogLevel, 'silent'>, number>> = {
  debug: FAINT,
  info: 32,
  warn: 33,
  error: 31,
};

/**
 * Values of these characters need no quotes: they contain neither the end of a value nor a control character of the
 * terminal.
 */
const PLAIN = /^[!#-<>-~]+$/;
const CONTROL = /\p{C}|[\u2028\u2029]/gu;

/**
 * Formats log lines for people: the time of day in UTC, the level, the event and its fields as `name=value`.
 *
 * @param isColored whether to color the parts, for a terminal
 */
export function prettyFormat(isColored: boolean): FormatLine {
  const paint = (parameter: number, text: string): string =>
    isColored ? `\u001b[${parameter}m${text}\u001b[0m` : text;

  const describe = (fields: LogFields): string =>
    Object.entries(fields)
      .filter(([, value]) => value !== undefined)
      .map(([name, value]) => ` ${paint(FAINT, `${name}=`)}${show(value)}`)
      .join('');

  return (time, level, event, fields) => {
    const { start, end } = TIME_OF_DAY;
    const clock = paint(FAINT, isoTime(time).slice(start, end));
    const name = paint(LEVEL_COLORS[level], level.padEnd(5));
    return `${clock} ${name} ${paint(BOLD, event)}${describe(fields)}`;
  };
}

function show(value: LogFields[string]): string {
  const text = String(value);
  if (PLAIN.test(text)) return text;
  return JSON.stringify(text).replaceAll(CONTROL, escapeCodePoint);
}

const escapeCodePoint = (character: string): string =>
  `\\u{${(character.codePointAt(0) ?? 0).toString(16)}}`;
