import { test } from 'vitest';
import { killDuringUploads } from '../support/avatar-crash.ts';
import { LONG_TESTED } from '../support/server.ts';

test.each(['node', ...LONG_TESTED.filter((name) => name !== 'node')] as const)(
  '[S84] %s: the same after each of 20 kills',
  { timeout: 600_000 },
  (name) => killDuringUploads(name, 20),
);
