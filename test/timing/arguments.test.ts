import { expect, test } from 'vitest';
import { readArguments } from './arguments.ts';

const read = (...args: string[]) => readArguments(args, () => 42);

test('test:timing parses its options; by default, it makes fifty tries per case on Node', () => {
  expect(read()).toEqual({ rounds: 5, tries: 10, seed: 42, target: 'node' });
  expect(read('--rounds', '7', '--tries', '20', '--seed', '0', '--target', 'bun')).toEqual({
    rounds: 7,
    tries: 20,
    seed: 0,
    target: 'bun',
  });
  expect(read('--help')).toBe('help');
});

test.each([
  ['--rounds', '4', '--rounds must be a whole number from 5 to 100'],
  ['--rounds', '101', '--rounds must be'],
  ['--tries', '9', '--tries must be a whole number from 10 to 100'],
  ['--tries', '1e1', '--tries must be'],
  ['--seed', '-1', "Option '--seed'"],
  ['--target', 'workerd-d1', '--target must be one of node, bun, deno'],
  ['--noise', '1', "Unknown option '--noise'"],
])('test:timing rejects %s %s', (option, value, message) => {
  expect(() => read(option, value)).toThrow(message);
});
