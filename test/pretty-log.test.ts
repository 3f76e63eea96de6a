import { stripVTControlCharacters } from 'node:util';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { createLogger } from '../src/core/log.ts';
import { prettyFormat } from '../src/core/pretty-log.ts';

const NOON = Date.UTC(2026, 0, 1, 12, 0, 0, 5);

function logWith(isColored: boolean) {
  const lines: string[] = [];
  const log = createLogger(
    'debug',
    (line) => lines.push(line),
    () => NOON,
    prettyFormat(isColored),
  );
  return { lines, log };
}

test('a line contains the time of day, the level, the event and the fields that are set', () => {
  const { lines, log } = logWith(false);
  log.info('request', { method: 'GET', route: '/profile/me', status: 200, network: undefined });
  log.warn('unknown_setting', { hint: 'A: did you mean "B"?', none: null, empty: '' });
  expect(lines).toEqual([
    '12:00:00.005 info  request method=GET route=/profile/me status=200',
    '12:00:00.005 warn  unknown_setting hint="A: did you mean \\"B\\"?" none=null empty=""',
  ]);
});

test('color changes no other character', () => {
  const [plain, colored] = [logWith(false), logWith(true)];
  for (const { log } of [plain, colored]) log.error('request', { status: 500 });
  expect(colored.lines[0]).toContain('\u001b[31m');
  expect(stripVTControlCharacters(colored.lines[0] ?? '')).toBe(plain.lines[0]);
});

test('no value breaks the line or controls the terminal', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), (value) => {
      const { lines, log } = logWith(false);
      log.info('event', { value });
      expect(lines[0]).not.toMatch(/[\p{C}\u2028\u2029]/u);
    }),
  );
  const { lines, log } = logWith(false);
  log.info('event', { value: '\u001b[2J\u009b2J\n' });
  expect(lines[0]).toContain('value="\\u001b[2J\\u{9b}2J\\n"');
});
