import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';

const TESTS = fileURLToPath(new URL('.', import.meta.url));
const PAGE = fileURLToPath(new URL('../docs/security.md', import.meta.url));
const COUNT = 87;

const numbersIn = (text: string, pattern: RegExp): Set<number> =>
  new Set([...text.matchAll(pattern)].map(([, number]) => Number(number)));

const sources = readdirSync(TESTS, { recursive: true, encoding: 'utf8' })
  .filter((path) => path.endsWith('.ts'))
  .map((path) => readFileSync(join(TESTS, path), 'utf8'));

/** S-numbers in the titles of `test` and `describe`. */
const inTitles = numbersIn(sources.join('\n'), /['`](?:\[S\d+\] )*\[S(\d+)\] /g);
for (const source of sources) {
  for (const number of numbersIn(source, /['`]\[S(\d+)\] \[S\d+\]/g)) inTitles.add(number);
}

const [promised = ''] = readFileSync(PAGE, 'utf8').split('## Not shown yet');
const inTables = numbersIn(
  promised
    .split('\n')
    .filter((line) => line.startsWith('| '))
    .map((line) => line.split('|').at(-2) ?? '')
    .join(' '),
  /\bS(\d+)\b/g,
);

test('docs/security.md and the titles of tests have the same numbers', () => {
  expect([...inTables].filter((number) => !inTitles.has(number))).toEqual([]);
  expect([...inTitles].filter((number) => !inTables.has(number))).toEqual([]);
});

test('docs/security.md leaves out no number', () => {
  const missing = Array.from({ length: COUNT }, (_, i) => i + 1).filter(
    (number) => !inTables.has(number),
  );
  expect(missing).toEqual([]);
});
