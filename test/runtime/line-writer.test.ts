import { setTimeout as delay } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { createLineWriter } from '../../src/runtime/line-writer.ts';

function collected() {
  const printed: string[] = [];
  return { printed, writer: createLineWriter((lines) => printed.push(lines)) };
}

test('lines that come together are written together, in their order, soon', async () => {
  const { printed, writer } = collected();
  for (const line of ['a', 'b', 'c']) writer.write(line);
  expect(printed).toEqual([]);
  await expect.poll(() => printed).toEqual(['a\nb\nc']);
  writer.write('d');
  await expect.poll(() => printed).toEqual(['a\nb\nc', 'd']);
});

test('an urgent line is written at once, behind those that wait, and none twice', async () => {
  const { printed, writer } = collected();
  writer.write('a');
  writer.write('b', true);
  expect(printed).toEqual(['a\nb']);
  await delay(50);
  expect(printed).toEqual(['a\nb']);
});

test('a flood of lines does not wait for a timer', () => {
  const { printed, writer } = collected();
  for (let line = 0; line < 2500; line++) writer.write(String(line));
  const written = printed.join('\n').split('\n');
  expect(written.length).toBeGreaterThanOrEqual(2000);
  writer.flush();
  expect(printed.join('\n').split('\n')).toEqual(Array.from({ length: 2500 }, (_, i) => String(i)));
});

test('flush writes nothing where nothing waits', () => {
  const { printed, writer } = collected();
  writer.flush();
  expect(printed).toEqual([]);
});
