// Copies a database and checks the copy, in a worker thread. The driver is synchronous, and the main thread must report
// progress meanwhile.
import { pathToFileURL } from 'node:url';
import { parentPort, workerData } from 'node:worker_threads';
import { createClient } from '@libsql/client';

/** How long to wait for a lock, in milliseconds. A copy in WAL mode needs no lock. */
const BUSY_TIMEOUT_MS = 5000;

const { from, to }: { readonly from: string; readonly to: string } = workerData;

await execute(from, { sql: 'VACUUM INTO ?', args: [to] });
parentPort?.postMessage('copied');
const [found] = await execute(to, { sql: 'PRAGMA integrity_check(1)', args: [] });
if (found?.[0] !== 'ok') throw new Error('The copy is damaged');

async function execute(path: string, statement: { sql: string; args: string[] }) {
  const client = createClient({ url: pathToFileURL(path).href, timeout: BUSY_TIMEOUT_MS });
  try {
    return (await client.execute(statement)).rows;
  } finally {
    client.close();
  }
}
