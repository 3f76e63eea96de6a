import { describe, expect, test } from 'vitest';
import { openSource } from '../../src/runtime/sources/open.ts';
import { startStubPostgres } from '../support/stub-database.ts';

describe('a database server', () => {
  test('whose error has control characters cannot send commands to the terminal', async () => {
    const { port } = await startStubPostgres('\u001b]0;title\u0007 \u202e\nno s3cr3t-pw');
    const error = await openSource('kpa', `postgres://u:s3cr3t-pw@127.0.0.1:${port}/db`).catch(
      String,
    );
    expect(error).toBe(
      `CommandError: postgres://127.0.0.1:${port}/db cannot be read: ?]0;title? ??no ***.`,
    );
  });
});
