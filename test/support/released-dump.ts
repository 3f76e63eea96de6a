import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { type Client, createClient } from '@libsql/client';
import known from '../fixtures/latchkey-0.1.0.json' with { type: 'json' };

/** What the users of the dump know, and the settings of its server. */
export { known };

/** The times of the dump, in milliseconds since 1970. */
const TIMES: Readonly<Record<string, readonly string[]>> = {
  audit_events: ['at'],
  rate_limits: ['resets_at'],
  sessions: ['rotated_at', 'created_at', 'last_used_at', 'expires_at', 'refresh_resets_at'],
  users: ['created_at', 'updated_at', 'failing_since', 'locked_until'],
};

/**
 * Loads the database that a server of 0.1.0 has left into an empty database. Moves all times, as if that server had just
 * stopped: then its sessions and its lockout are live, whenever the test runs.
 *
 * @returns by how many milliseconds the times have moved
 */
export async function loadReleased(url: string): Promise<number> {
  const client = createClient({ url });
  try {
    const path = fileURLToPath(new URL('../fixtures/latchkey-0.1.0.sql', import.meta.url));
    await client.executeMultiple(readFileSync(path, 'utf8'));
    const delta = Date.now() - known.madeAt;
    for (const [table, columns] of Object.entries(TIMES)) {
      const set = columns.map((column) => `${column} = ${column} + ${delta}`);
      await client.execute(`UPDATE ${table} SET ${set.join(', ')}`);
    }
    return delta;
  } finally {
    client.close();
  }
}

/** Reads a table of the dump: the names of its columns, and its rows. */
export async function rowsOf(client: Client, table: string) {
  const { columns, rows } = await client.execute(`SELECT * FROM "${table}"`);
  return { columns, rows: rows.map((row) => columns.map((column) => row[column] ?? null)) };
}
