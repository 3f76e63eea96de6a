import { test } from 'vitest';
import { killAgainAndAgain, TIME_LIMIT_MS } from '../support/crash-rounds.ts';
import type { ServerName } from '../support/server.ts';

const ROUNDS = 5;

test.for<ServerName>(['node', 'bun', 'deno'])(
  `[S36] %s: killed ${ROUNDS} times in mid-load, it has all that it acknowledged, and nothing by half`,
  { timeout: TIME_LIMIT_MS },
  (name, context) => killAgainAndAgain(name, ROUNDS, context),
);
