import { test } from 'vitest';
import { killAgainAndAgain, TIME_LIMIT_MS } from '../support/crash-rounds.ts';

test.for([
  ['node', 20],
  ['bun', 5],
  ['deno', 5],
] as const)(
  '[S36] %s: after each of %i kills under load, every acknowledged write is present and no write is partial',
  { timeout: TIME_LIMIT_MS },
  ([name, rounds], context) => killAgainAndAgain(name, rounds, context),
);
