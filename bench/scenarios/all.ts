import type { Scenario } from '../scenario.ts';
import { betterAuth } from './better-auth.ts';
import { fastapi } from './fastapi.ts';
import { readBun, readDeno, readNode } from './read.ts';
import { refresh } from './refresh.ts';
import { storm } from './storm.ts';

/** All scenarios, in the order in which they run. */
export const SCENARIOS: readonly Scenario[] = [
  readNode,
  readBun,
  readDeno,
  betterAuth,
  fastapi,
  storm,
  refresh,
];
