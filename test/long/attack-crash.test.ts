import { test } from 'vitest';
import { killAgainAndAgain, TIME_LIMIT_MS } from '../support/crash-rounds.ts';

const ROUNDS = 20;

test(
  `[S36] node: killed ${ROUNDS} times in mid-load, it has all that it acknowledged, and nothing by half`,
  { timeout: TIME_LIMIT_MS },
  (context) => killAgainAndAgain('node', ROUNDS, context),
);
