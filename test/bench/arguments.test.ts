import { join } from 'node:path';
import { expect, test } from 'vitest';
import { type BenchOptions, readArguments, usage } from '../../bench/arguments.ts';

const NAMES = ['read', 'storm', 'memory'];

function read(line: string, python?: string): BenchOptions {
  const given = readArguments(line === '' ? [] : line.split(' '), NAMES, python);
  if (typeof given === 'string') throw new Error(`${line} was parsed as ${given}`);
  return given;
}

test('without options, every scenario is measured in full, pinned and published', () => {
  expect(read('')).toEqual({
    scenarios: NAMES,
    isQuick: false,
    rounds: 9,
    publish: true,
    pin: true,
    pythons: ['python3', '/usr/bin/python3'],
  });
});

test('results are published after a full run, or with --publish', () => {
  expect(read('--quick')).toMatchObject({ isQuick: true, rounds: 3, publish: false });
  expect(read('--only read').publish).toBe(false);
  expect(read('--only read --quick --publish').publish).toBe(true);
});

test('--only accepts a list; the scenarios keep their own order', () => {
  expect(read('--only memory,read').scenarios).toEqual(['read', 'memory']);
  expect(readArguments(['--only', 'storm, read'], NAMES)).toMatchObject({
    scenarios: ['read', 'storm'],
  });
});

test('--rounds, --no-pin and --python are parsed; the environment can also name the Python', () => {
  expect(read('--rounds 7 --no-pin --python /opt/python')).toMatchObject({
    rounds: 7,
    pin: false,
    pythons: ['/opt/python'],
  });
  expect(read('', '/env/python').pythons).toEqual(['/env/python']);
  expect(read('', '').pythons).toHaveLength(2);
  expect(read('--python /opt/python', '/env/python').pythons).toEqual(['/opt/python']);
});

test('--node becomes absolute, because each server runs in a folder of its own', () => {
  expect(read('').node).toBeUndefined();
  expect(read('--node /opt/node/bin/node').node).toBe('/opt/node/bin/node');
  expect(read('--node bin/node').node).toBe(join(process.cwd(), 'bin/node'));
});

test.each([
  ['--only nothing', 'there is no scenario “nothing”; there are read, storm, memory'],
  ['--only read,', 'there is no scenario “”'],
  ['--rounds 2', '--rounds must be a whole number from 3 to 12'],
  ['--rounds 16', '--rounds must be'],
  ['--rounds 3.5', '--rounds must be'],
  ['--rounds many', '--rounds must be'],
  ['--python=', '--python needs the path'],
  ['--node=', '--node needs the path'],
  ['--fast', "Unknown option '--fast'"],
  ['read', "Unexpected argument 'read'"],
])('%s is rejected with an error that says why', (line, message) => {
  expect(() => read(line)).toThrow(message);
});

test('--help and --list take precedence over other options', () => {
  expect(readArguments(['--help', '--rounds', '0'], NAMES)).toBe('help');
  expect(readArguments(['--list'], NAMES)).toBe('list');
  expect(usage(NAMES)).toContain('read, storm, memory');
});
