import { test } from 'vitest';
import { killAgainAndAgain, TIME_LIMIT_MS } from '../support/crash-rounds.ts';

const ROUNDS = 20;

test(
  `[S36] node: after each of ${ROUNDS} kills under load, every acknowledged write is present and no write is partial`,
  { timeout: TIME_LIMIT_MS },
  (context) => killAgainAndAgain('node', ROUNDS, context),
);
