import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { describe, expect, test } from 'vitest';
import { bunPath, denoPath, tsxPath } from '../../scripts/binaries.ts';
import { createLineWriter } from '../../src/runtime/servers/line-writer.ts';
import { run } from '../support/program.ts';
import { ROOT } from '../support/targets.ts';

const RUNTIMES = {
  node: [process.execPath, tsxPath()],
  bun: [bunPath()],
  deno: [denoPath(), 'run', '-A'],
} as const;

function collected() {
  const printed: string[] = [];
  return { printed, writer: createLineWriter((lines) => printed.push(lines)) };
}

test('lines that are written in quick succession are printed together, in order and soon', async () => {
  const { printed, writer } = collected();
  for (const line of ['a', 'b', 'c']) writer.write(line);
  expect(printed).toEqual([]);
  await expect.poll(() => printed).toEqual(['a\nb\nc']);
  writer.write('d');
  await expect.poll(() => printed).toEqual(['a\nb\nc', 'd']);
});

test('an urgent line is printed at once, after the buffered lines, and no line is printed twice', async () => {
  const { printed, writer } = collected();
  writer.write('a');
  writer.write('b', true);
  expect(printed).toEqual(['a\nb']);
  await delay(50);
  expect(printed).toEqual(['a\nb']);
});

test('a flood of lines is printed without waiting for a timer', () => {
  const { printed, writer } = collected();
  for (let line = 0; line < 2500; line++) writer.write(String(line));
  const written = printed.join('\n').split('\n');
  expect(written.length).toBeGreaterThanOrEqual(2000);
  writer.flush();
  expect(printed.join('\n').split('\n')).toEqual(Array.from({ length: 2500 }, (_, i) => String(i)));
});

test('flush prints nothing if no line is buffered', () => {
  const { printed, writer } = collected();
  writer.flush();
  expect(printed).toEqual([]);
});

describe.each(Object.entries(RUNTIMES))('%s', (_, command) => {
  test.each(['exit', 'throw', 'reject'])(
    'the last line is printed if the process ends by %s',
    async (end) => {
      const program = join(ROOT, 'test/support/last-line.ts');
      const { stdout, stderr } = await run([...command, program, end], ROOT);
      expect(stdout).toBe('the last line\n');
      expect(stderr.includes('nobody catches this')).toBe(end !== 'exit');
    },
  );
});
