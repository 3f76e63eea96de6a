import { test } from 'vitest';
import { killWhileSending } from '../support/message-crash.ts';

test(
  'a message whose request was answered is never lost, and sent twice at most: 20 kills',
  {
    timeout: 300_000,
  },
  () => killWhileSending('node', 20),
);
