import type { Client } from 'pg';
import { CommandError } from '../../../core/errors.ts';
import type { RowSource } from '../row.ts';
import type { Shape } from '../shape.ts';
import { buildSelect, type Catalog, type Dialect } from './select.ts';
import { CONNECT_TIMEOUT_MS, endWithin, loadPackage, PAGE_ROWS, parseServer } from './server.ts';
import { postgresTls } from './tls.ts';

const dialect: Dialect = {
  quote: (name) => `"${name.replaceAll('"', '""')}"`,
  read: (column) => column,
};

/** One state of the database, for as long as it is read. */
const BEGIN = [
  'BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY',
  'SET LOCAL datestyle = ISO',
  "SET LOCAL timezone = 'UTC'",
  'SET LOCAL statement_timeout = 0',
  // Between two pages, accounts are imported.
  'SET LOCAL idle_in_transaction_session_timeout = 0',
];

/** Tables of each kind and views. The information schema has no materialized views. */
const RELATIONS = `pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
  WHERE c.relkind IN ('r', 'p', 'f', 'v', 'm') AND n.nspname = $1`;
const COLUMNS = `SELECT a.attname FROM pg_catalog.pg_attribute a CROSS JOIN ${RELATIONS}
  AND a.attrelid = c.oid AND c.relname = $2 AND a.attnum > 0 AND NOT a.attisdropped ORDER BY a.attnum`;
const TABLES = `SELECT c.relname FROM ${RELATIONS} ORDER BY c.relname`;

/** Returns every value as PostgreSQL writes it. */
const TYPES = { getTypeParser: () => (value: string | Buffer) => value };

/**
 * Connects to a PostgreSQL database and reads it through a cursor, in one read-only transaction. The password may be in
 * PGPASSWORD or a password file. TLS: see {@link postgresTls}.
 *
 * @throws CommandError without the password of the URL
 */
export async function openPostgres(url: string, shape: Shape): Promise<RowSource> {
  const server = parseServer(url, 'PGPASSWORD');
  const pg = await loadPackage('PostgreSQL', 'pg', () => import('pg'));
  let client: Client;
  try {
    const ssl = postgresTls(server.url);
    client = new pg.Client({
      ...(ssl !== undefined && { ssl }),
      connectionString: url,
      connectionTimeoutMillis: CONNECT_TIMEOUT_MS,
      application_name: 'latchkey import',
      keepAlive: true,
      types: TYPES,
    });
    // The next query fails too. Without a listener, the process would end.
    client.on('error', () => {});
    await client.connect();
  } catch (error) {
    throw server.failure(error);
  }
  const close = () => endWithin(client.end());

  const column = async (sql: string, values: readonly string[] = []): Promise<string[]> => {
    const { rows } = await client.query<[string]>({
      text: sql,
      values: [...values],
      rowMode: 'array',
    });
    return rows.map(([first]) => first);
  };

  try {
    for (const statement of BEGIN) await client.query(statement);
    const [encoding] = await column('SHOW server_encoding');
    if (encoding === 'SQL_ASCII')
      throw new CommandError(
        'its encoding is SQL_ASCII, so its texts may be in any encoding. Export the table to CSV in UTF-8.',
      );
    const schema = shape.schema ?? (await column('SELECT current_schema()'))[0] ?? 'public';
    const catalog: Catalog = {
      columnsOf: (table) => column(COLUMNS, [schema, table]),
      tables: () => column(TABLES, [schema]),
    };
    const { sql, count } = await buildSelect(shape, { dialect, catalog, schema });
    const [total] = await column(count);
    return {
      unit: 'rows',
      total: Number(total),
      async *read() {
        try {
          await client.query(`DECLARE accounts NO SCROLL CURSOR FOR ${sql}`);
          for (let done = 0; ; ) {
            const { rows } = await client.query<unknown[]>({
              text: `FETCH ${PAGE_ROWS} FROM accounts`,
              rowMode: 'array',
            });
            if (rows.length === 0) break;
            for (const values of rows) {
              done += 1;
              yield { place: `row ${done}`, done, values };
            }
          }
          await client.query('CLOSE accounts');
        } catch (error) {
          throw server.failure(error);
        }
      },
      close,
    };
  } catch (error) {
    await close();
    throw server.failure(error);
  }
}
