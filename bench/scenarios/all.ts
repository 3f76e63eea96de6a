import type { Scenario } from '../scenario.ts';
import { betterAuth } from './better-auth.ts';
import { bundle } from './bundle.ts';
import { fastapi } from './fastapi.ts';
import { memory } from './memory.ts';
import { readBun, readDeno, readNode } from './read.ts';
import { refresh } from './refresh.ts';
import { scale } from './scale.ts';
import { start } from './start.ts';
import { storm } from './storm.ts';

/** All scenarios, in execution order. */
export const SCENARIOS: readonly Scenario[] = [
  readNode,
  readBun,
  readDeno,
  betterAuth,
  fastapi,
  storm,
  refresh,
  scale,
  bundle,
  start,
  memory,
];
