import { test } from 'vitest';
import { killDuringUploads } from '../support/avatar-crash.ts';

test.each([
  ['node', 5],
  ['bun', 2],
  ['deno', 2],
] as const)(
  '[S84] %s: after each of %i kills during uploads, each shown picture has its file, and after the next housekeeping each file is shown',
  { timeout: 180_000 },
  (name, rounds) => killDuringUploads(name, rounds),
);
