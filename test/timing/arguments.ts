// The command line of `npm run test:timing`.
import { parseArgs } from 'node:util';
import type { ServerName } from '../support/server.ts';
import { wholeNumber } from '../support/whole-number.ts';

const TARGETS = ['node', 'bun', 'deno'] as const satisfies readonly ServerName[];

/** At least fifty tries of each case in total. */
const ROUNDS = { min: 5, default: 5, max: 100 } as const;
const TRIES = { min: 10, default: 10, max: 100 } as const;
const MAX_SEED = 0x7fff_ffff;

export const USAGE = `Usage: npm run test:timing -- [options]

Measures over HTTP whether the time of a response reveals why a password was rejected: unknown name, wrong
password, disabled or locked account, and others; and whether a request for a new password or a login code was
for a known name. Takes some minutes on an otherwise idle machine.
Exits with 1 if a case can be distinguished, and with 2 if the machine is too noisy to decide.

  --rounds N     rounds, ${ROUNDS.min} to ${ROUNDS.max} (default ${ROUNDS.default}); an odd number has a middle one
  --tries N      tries of each case in a round, ${TRIES.min} to ${TRIES.max} (default ${TRIES.default})
  --seed N       the seed of the order of the tries (default: random, printed)
  --target NAME  one of ${TARGETS.join(', ')} (default: node, the build)
  --help         print this text`;

export interface Arguments {
  readonly rounds: number;
  /** Tries of each case per round. */
  readonly tries: number;
  readonly seed: number;
  readonly target: ServerName;
}

/**
 * Parses the command line. Returns `help` if `--help` is given.
 *
 * @param newSeed returns a random integer from 0 to below its argument
 * @throws Error that describes the invalid argument
 */
export function readArguments(
  args: readonly string[],
  newSeed: (below: number) => number,
): Arguments | 'help' {
  const { values } = parseArgs({
    args: [...args],
    options: {
      rounds: { type: 'string' },
      tries: { type: 'string' },
      seed: { type: 'string' },
      target: { type: 'string' },
      help: { type: 'boolean' },
    },
  });
  if (values.help) return 'help';
  const target = TARGETS.find((name) => name === (values.target ?? 'node'));
  if (!target) throw new Error(`--target must be one of ${TARGETS.join(', ')}`);
  return {
    rounds: wholeNumber('--rounds', values.rounds, ROUNDS.min, ROUNDS.max) ?? ROUNDS.default,
    tries: wholeNumber('--tries', values.tries, TRIES.min, TRIES.max) ?? TRIES.default,
    seed: wholeNumber('--seed', values.seed, 0, MAX_SEED) ?? newSeed(MAX_SEED),
    target,
  };
}
