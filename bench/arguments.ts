// The command line of `npm run bench`.
import { resolve } from 'node:path';
import { parseArgs } from 'node:util';

export const usage = (names: readonly string[]): string => `Usage: npm run bench -- [options]

Measures this API against its targets, in turns with the programs that it is compared to. Prints a
table and saves all figures in bench/results/. After a full run, also writes docs/bench.json, the chart
docs/bench.svg and the table in docs/bench.md.

  --only NAME[,NAME]  only these scenarios: ${names.join(', ')}
  --quick             short rounds and a smaller database: under two minutes, for a first look
  --rounds N          rounds of each comparison, 3 to 12 (default 9; 3 with --quick)
  --publish           also write the files in docs/ after a quick or partial run
  --no-pin            let the system place the processes; by default, if taskset is available, a server
                      whose throughput is measured has one core and the load generator another
  --node PATH         the Node binary for the servers that run on Node and for the bare derivation
                      (default: the Node binary that runs the bench); the report names its version
  --python PATH       the Python binary that has FastAPI (default: LATCHKEY_BENCH_PYTHON, else the
                      first of python3 and /usr/bin/python3 that can import FastAPI)
  --list              list the scenarios and what each measures
  --help              this text`;

export interface BenchOptions {
  readonly scenarios: readonly string[];
  readonly isQuick: boolean;
  readonly rounds: number;
  /** Whether to write the figures in `docs/`. */
  readonly publish: boolean;
  /** Whether the measured server and the load generator get one core each. */
  readonly pin: boolean;
  /** The absolute path of the Node binary that runs the measured servers. Undefined: the binary that runs the bench. */
  readonly node?: string | undefined;
  /** Python binaries to try, in this order. */
  readonly pythons: readonly string[];
}

/** With more rounds, the cookies of Better Auth's cache would expire during a run: they are valid for five minutes. */
const [MIN_ROUNDS, MAX_ROUNDS] = [3, 12];
const DEFAULT_ROUNDS = { full: 9, quick: MIN_ROUNDS };
const PYTHONS = ['python3', '/usr/bin/python3'];

/**
 * Reads the command line.
 *
 * @param names all scenarios, in order
 * @param environmentPython the default of `--python` from the environment
 * @throws Error that describes the invalid argument
 */
export function readArguments(
  args: readonly string[],
  names: readonly string[],
  environmentPython?: string,
): BenchOptions | 'help' | 'list' {
  const { values } = parseArgs({
    args: [...args],
    options: {
      only: { type: 'string' },
      quick: { type: 'boolean', default: false },
      rounds: { type: 'string' },
      publish: { type: 'boolean', default: false },
      'no-pin': { type: 'boolean', default: false },
      node: { type: 'string' },
      python: { type: 'string' },
      list: { type: 'boolean' },
      help: { type: 'boolean' },
    },
  });
  if (values.help) return 'help';
  if (values.list) return 'list';
  const scenarios = chosen(values.only, names);
  const isQuick = values.quick;
  const isFull = !isQuick && scenarios.length === names.length;
  const python = values.python ?? (environmentPython || undefined);
  if (python === '') throw new Error('--python needs the path of a program');
  if (values.node === '') throw new Error('--node needs the path of a program');
  return {
    scenarios,
    isQuick,
    rounds: readRounds(values.rounds) ?? DEFAULT_ROUNDS[isQuick ? 'quick' : 'full'],
    publish: values.publish || isFull,
    pin: !values['no-pin'],
    // Made absolute, because each server runs in a folder of its own.
    node: values.node === undefined ? undefined : resolve(values.node),
    pythons: python === undefined ? PYTHONS : [python],
  };
}

function chosen(only: string | undefined, names: readonly string[]): readonly string[] {
  if (only === undefined) return names;
  const wanted = only.split(',').map((name) => name.trim());
  const unknown = wanted.filter((name) => !names.includes(name));
  if (unknown.length > 0) {
    throw new Error(
      `--only: there is no scenario ${unknown.map((name) => `“${name}”`).join(', ')}; there are ${names.join(', ')}`,
    );
  }
  return names.filter((name) => wanted.includes(name));
}

function readRounds(text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  const rounds = /^\d{1,3}$/.test(text) ? Number(text) : Number.NaN;
  if (rounds >= MIN_ROUNDS && rounds <= MAX_ROUNDS) return rounds;
  throw new Error(`--rounds must be a whole number from ${MIN_ROUNDS} to ${MAX_ROUNDS}`);
}
