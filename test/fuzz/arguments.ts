// The command line of `npm run test:fuzz`.
import { parseArgs } from 'node:util';
import type { TargetName } from '../support/targets.ts';
import { wholeNumber } from '../support/whole-number.ts';

export const TARGETS = [
  'node',
  'bun',
  'deno',
  'workerd-d1',
  'workerd-libsql',
] as const satisfies readonly TargetName[];

export const USAGE = `Usage: npm run test:fuzz -- [options]

Sends valid, nearly valid and hostile requests to every operation of /openapi.json and compares each response
with the document. If a response is not as documented, prints the request and exits with 1.

  --count N      total number of requests, spread over the targets (default 20000)
  --seed N       the seed of an earlier run, to repeat its requests (default: random, printed)
  --at I         send only request I of the seed; requires --seed
  --target NAME  one of ${TARGETS.join(', ')} (default: all)
  --help         print this text`;

export interface Arguments {
  readonly seed: number;
  /** Requests per target. */
  readonly count: number;
  readonly from: number;
  readonly targets: readonly TargetName[];
}

const DEFAULT_COUNT = 20_000;
const MAX_COUNT = 10_000_000;
export const MAX_SEED = 0x7fff_ffff;

/**
 * Parses the command line. Returns `help` if `--help` is given.
 *
 * @throws Error that describes the invalid argument
 */
export function readArguments(args: readonly string[], newSeed: () => number): Arguments | 'help' {
  const { values } = parseArgs({
    args: [...args],
    options: {
      count: { type: 'string' },
      seed: { type: 'string' },
      at: { type: 'string' },
      target: { type: 'string' },
      help: { type: 'boolean' },
    },
  });
  if (values.help) return 'help';
  const { at, target } = values;
  if (at !== undefined && values.seed === undefined) throw new Error('--at requires --seed');
  if (at !== undefined && values.count !== undefined)
    throw new Error('--at cannot be combined with --count');
  const only = TARGETS.find((name) => name === target);
  if (target !== undefined && !only) {
    throw new Error(`--target must be one of ${TARGETS.join(', ')}`);
  }
  const targets = only ? [only] : TARGETS;
  const total = wholeNumber('--count', values.count, 1, MAX_COUNT) ?? DEFAULT_COUNT;
  const from = wholeNumber('--at', at, 0, MAX_COUNT);
  return {
    seed: wholeNumber('--seed', values.seed, 0, MAX_SEED) ?? newSeed(),
    count: from === undefined ? Math.ceil(total / targets.length) : 1,
    from: from ?? 0,
    targets,
  };
}
