import type { Scenario } from '../scenario.ts';
import { readBun, readDeno, readNode } from './read.ts';
import { refresh } from './refresh.ts';
import { storm } from './storm.ts';

/** All scenarios, in the order in which they run. */
export const SCENARIOS: readonly Scenario[] = [readNode, readBun, readDeno, storm, refresh];
