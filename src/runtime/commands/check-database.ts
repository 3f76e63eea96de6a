import type { Client } from '@libsql/client';
import { readMigrationFiles } from 'drizzle-orm/migrator';
import { describeError } from '../../core/db/database.ts';
import { MIGRATIONS_FOLDER } from '../databases/migrations-folder.ts';

/** The result of one check. */
export interface Finding {
  readonly about: string;
  readonly text: string;
  readonly isGood: boolean;
}

/** Maximum number of reported faults. A page may have many; a few are enough for a diagnosis. */
const MAX_FAULTS = 10;

type Check = (client: Client) => Promise<Omit<Finding, 'about'>>;

/** Runs all checks on a database, read-only. A check that throws is reported as a finding. */
export async function checkDatabase(client: Client): Promise<readonly Finding[]> {
  const checks: Readonly<Record<string, Check>> = {
    integrity,
    references,
    migrations,
    journal,
    rows,
  };
  const findings: Finding[] = [];
  for (const [about, check] of Object.entries(checks)) {
    try {
      findings.push({ about, ...(await check(client)) });
    } catch (error) {
      findings.push({ about, text: describeError(error), isGood: false });
    }
  }
  return findings;
}

const integrity: Check = async (client) => {
  const faults = await firstColumn(client, `PRAGMA integrity_check(${MAX_FAULTS})`);
  const isGood = faults.length === 1 && faults[0] === 'ok';
  return { text: faults.join('; '), isGood };
};

const references: Check = async (client) => {
  const tables = await firstColumn(client, 'PRAGMA foreign_key_check');
  if (tables.length === 0) return { text: 'ok', isGood: true };
  const names = [...new Set(tables)].join(', ');
  return { text: `${tables.length} rows lead nowhere, in ${names}`, isGood: false };
};

/** Compares the migrations in the ledger with those in the folder. */
const migrations: Check = async (client) => {
  const files = readMigrationFiles({ migrationsFolder: MIGRATIONS_FOLDER }).map(({ hash }) => hash);
  const hasLedger = await firstColumn(
    client,
    "SELECT name FROM sqlite_schema WHERE name = '__drizzle_migrations'",
  );
  const applied =
    hasLedger.length > 0 ? await firstColumn(client, 'SELECT hash FROM __drizzle_migrations') : [];
  const missing = files.filter((hash) => !applied.includes(hash)).length;
  const unknown = applied.filter((hash) => !files.includes(hash)).length;
  if (missing > 0) {
    return {
      text: `${missing} of ${files.length} missing: run \`latchkey migrate\` (\`npm run db:migrate\`)`,
      isGood: false,
    };
  }
  const newer = unknown > 0 ? `, and ${unknown} of a newer version` : '';
  return { text: `ok, all ${files.length} applied${newer}`, isGood: true };
};

const journal: Check = async (client) => {
  const [mode = 'unknown'] = await firstColumn(client, 'PRAGMA journal_mode');
  return { text: mode, isGood: true };
};

const rows: Check = async (client) => {
  const tables = await firstColumn(
    client,
    "SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT GLOB 'sqlite_*' AND name NOT GLOB 'libsql_*' AND name NOT GLOB '__*' ORDER BY name",
  );
  const counts: string[] = [];
  for (const table of tables) {
    const quoted = `"${table.replaceAll('"', '""')}"`;
    const [count] = await firstColumn(client, `SELECT count(*) FROM ${quoted}`);
    counts.push(`${table} ${count}`);
  }
  return { text: counts.join(', ') || 'no table', isGood: true };
};

const firstColumn = async (client: Client, sql: string): Promise<string[]> =>
  (await client.execute(sql)).rows.map((row) => String(row[0]));
