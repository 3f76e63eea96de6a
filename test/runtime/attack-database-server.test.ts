import { describe, test } from 'vitest';
import { killDatabase, spoilConnection, TIME_LIMIT_MS } from '../support/database-faults.ts';

// Tests one runtime and the faults that are detected at once. test/long tests all faults on every runtime, in more
// rounds.
describe('node, over a libSQL server', () => {
  test(
    '[S38] while the database server is killed under load, returns 503, then recovers by itself and loses nothing',
    { timeout: TIME_LIMIT_MS },
    (context) => killDatabase('node', 1, context),
  );

  test(
    '[S38] while connections to the database are reset and cut off under load, returns 503 in bounded time, and loses or repeats nothing',
    { timeout: TIME_LIMIT_MS },
    (context) =>
      spoilConnection(
        'node',
        ['reset when the server answers', 'cut in the middle of the answer'],
        context,
      ),
  );
});
