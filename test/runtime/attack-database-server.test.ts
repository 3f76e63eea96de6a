import { describe, test } from 'vitest';
import { killDatabase, spoilConnection, TIME_LIMIT_MS } from '../support/database-faults.ts';
import type { ServerName } from '../support/server.ts';
import type { TcpFaultName } from '../support/tcp-proxy.ts';

const QUICK: readonly TcpFaultName[] = [
  'reset when the server answers',
  'cut in the middle of the answer',
];
/** What takes seconds to be noticed is done to one runtime here, and to all in test/long. */
const FAULTS: Readonly<Record<ServerName, readonly TcpFaultName[]>> = {
  node: [...QUICK, 'reset before the server gets it', 'silent', 'slower than is waited for'],
  bun: QUICK,
  deno: QUICK,
};
const ROUNDS: Readonly<Record<ServerName, number>> = { node: 2, bun: 1, deno: 1 };

describe.each<ServerName>(['node', 'bun', 'deno'])('%s, over a libSQL server', (name) => {
  test(
    '[S38] that is killed in mid-load: 503 meanwhile, then it goes on by itself; nothing is lost',
    {
      timeout: TIME_LIMIT_MS,
    },
    (context) => killDatabase(name, ROUNDS[name], context),
  );

  test(
    '[S38] that is spoiled in several ways under load: 503 in bounded time, nothing lost, nothing twice',
    {
      timeout: TIME_LIMIT_MS,
    },
    (context) => spoilConnection(name, FAULTS[name], context),
  );
});
