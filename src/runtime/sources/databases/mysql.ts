import type { Readable } from 'node:stream';
import type { Connection, TypeCastField } from 'mysql2';
import { CommandError } from '../../../core/errors.ts';
import type { RowSource } from '../row.ts';
import type { Shape } from '../shape.ts';
import { buildSelect, type Catalog, type Dialect } from './select.ts';
import { CONNECT_TIMEOUT_MS, loadPackage, PAGE_ROWS, parseServer } from './server.ts';

const dialect: Dialect = {
  quote: (name) => `\`${name.replaceAll('`', '``')}\``,
  read: (column) => column,
};

/** One state of the database, for as long as it is read. */
const BEGIN = [
  "SET SESSION time_zone = '+00:00'",
  // Between two pages, accounts are imported, and nothing is read.
  'SET SESSION net_write_timeout = 86400',
  'SET SESSION TRANSACTION ISOLATION LEVEL REPEATABLE READ',
  'START TRANSACTION WITH CONSISTENT SNAPSHOT, READ ONLY',
];

const COLUMNS = `SELECT column_name FROM information_schema.columns WHERE table_schema = ? AND table_name = ? ORDER BY ordinal_position`;
const TABLES = `SELECT table_name FROM information_schema.tables WHERE table_schema = ? ORDER BY table_name`;

/** Returns every value as MySQL writes it, in bytes, so that nothing is replaced. */
function typeCast(field: TypeCastField): unknown {
  const bytes = field.buffer();
  // A bit field is a number in binary, such as the flag `\x01`.
  return bytes && field.type === 'BIT' ? BigInt(`0x${bytes.toString('hex') || '0'}`) : bytes;
}

/**
 * Connects to a MySQL or MariaDB database and streams a query, in one read-only transaction. TLS is as the URL says
 * (`ssl`).
 *
 * @throws CommandError without the password of the URL
 */
export async function openMysql(url: string, shape: Shape): Promise<RowSource> {
  const server = parseServer(url);
  const { createConnection } = await loadPackage('MySQL', 'mysql2', () => import('mysql2'));
  let connection: Connection;
  /** A lost connection is an error of the connection only, and a stream of rows would wait forever. */
  let stream: Readable | undefined;
  let lost: Error | undefined;
  try {
    connection = createConnection({
      uri: url.replace(/^mariadb:/i, 'mysql:'),
      connectTimeout: CONNECT_TIMEOUT_MS,
      charset: 'utf8mb4',
      enableKeepAlive: true,
    });
    connection.on('error', (error) => {
      lost = error;
      stream?.destroy(error);
    });
  } catch (error) {
    throw server.failure(error);
  }
  const promised = connection.promise();
  // Unlike `end`, does not wait for the rest of a query.
  const close = async () => connection.destroy();

  const column = async (sql: string, values: readonly string[] = []): Promise<string[]> => {
    const [rows] = await promised.query({ sql, values: [...values], rowsAsArray: true });
    return Array.isArray(rows) ? rows.map((row) => String(Array.isArray(row) ? row[0] : '')) : [];
  };

  try {
    await promised.connect();
    for (const statement of BEGIN) await promised.query(statement);
    const [database = ''] = await column("SELECT ifnull(database(), '')");
    const schema = shape.schema ?? database;
    if (schema === '')
      throw new CommandError('the URL must name a database: mysql://HOST/DATABASE.');
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
        let done = 0;
        try {
          if (lost) throw lost;
          const query = connection.query({ sql, rowsAsArray: true, typeCast });
          stream = query.stream({ highWaterMark: PAGE_ROWS });
          const rows: AsyncIterable<unknown[]> = stream;
          for await (const values of rows) {
            done += 1;
            yield { place: `row ${done}`, done, values };
          }
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
