import { describe, test } from 'vitest';
import { killDatabase, spoilConnection, TIME_LIMIT_MS } from '../support/database-faults.ts';
import type { ServerName } from '../support/server.ts';
import type { TcpFaultName } from '../support/tcp-proxy.ts';

const ROUNDS = 3;
const FAULTS: readonly TcpFaultName[] = [
  'reset when the server answers',
  'cut in the middle of the answer',
  'reset before the server gets it',
  'silent',
  'slower than is waited for',
];

describe.each<ServerName>(['node', 'bun', 'deno'])('%s, over a libSQL server', (name) => {
  test(
    `[S38] while the database server is killed ${ROUNDS} times under load, returns 503, then recovers by itself and loses nothing`,
    {
      timeout: TIME_LIMIT_MS,
    },
    (context) => killDatabase(name, ROUNDS, context),
  );

  test(
    '[S38] while connections to the database are slow, silent, reset and cut off under load, returns 503 in bounded time, and loses or repeats nothing',
    {
      timeout: TIME_LIMIT_MS,
    },
    (context) => spoilConnection(name, FAULTS, context),
  );
});
