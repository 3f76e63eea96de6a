import { test } from 'vitest';
import { killAgainAndAgain, TIME_LIMIT_MS } from '../support/crash-rounds.ts';
import type { ServerName } from '../support/server.ts';

const ROUNDS = 5;

test.for<ServerName>(['node', 'bun', 'deno'])(
  `[S36] %s: after each of ${ROUNDS} kills under load, every acknowledged write is present and no write is partial`,
  { timeout: TIME_LIMIT_MS },
  (name, context) => killAgainAndAgain(name, ROUNDS, context),
);
