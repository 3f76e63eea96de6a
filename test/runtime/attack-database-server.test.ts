import { describe, test } from 'vitest';
import { killDatabase, spoilConnection, TIME_LIMIT_MS } from '../support/database-faults.ts';

// One runtime, and the faults that are noticed at once. test/long has all faults, on every runtime, more often.
describe('node, over a libSQL server', () => {
  test(
    '[S38] that is killed in mid-load: 503 meanwhile, then it goes on by itself; nothing is lost',
    { timeout: TIME_LIMIT_MS },
    (context) => killDatabase('node', 1, context),
  );

  test(
    '[S38] that is reset and cut off under load: 503 in bounded time, nothing lost, nothing twice',
    { timeout: TIME_LIMIT_MS },
    (context) =>
      spoilConnection(
        'node',
        ['reset when the server answers', 'cut in the middle of the answer'],
        context,
      ),
  );
});
