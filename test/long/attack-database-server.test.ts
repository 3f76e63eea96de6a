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
    `[S38] that is killed in mid-load, ${ROUNDS} times: 503 meanwhile, then it goes on by itself; nothing is lost`,
    {
      timeout: TIME_LIMIT_MS,
    },
    (context) => killDatabase(name, ROUNDS, context),
  );

  test(
    '[S38] that is slow, silent, reset and cut off under load: 503 in bounded time, nothing lost, nothing twice',
    {
      timeout: TIME_LIMIT_MS,
    },
    (context) => spoilConnection(name, FAULTS, context),
  );
});
