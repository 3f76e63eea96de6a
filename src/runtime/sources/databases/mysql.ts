import type { Readable } from 'node:stream';
import type { Connection, ConnectionOptions, FieldPacket, TypeCastField } from 'mysql2';
import { CommandError } from '../../../core/errors.ts';
import { idOfBytes } from '../binary-id.ts';
import { ID_KEY } from '../column.ts';
import type { RowSource } from '../row.ts';
import type { Shape } from '../shape.ts';
import { buildSelect, type Catalog, type Dialect } from './select.ts';
import { CONNECT_TIMEOUT_MS, loadPackage, PAGE_ROWS, parseServer } from './server.ts';
import { mysqlTls } from './tls.ts';

const dialect: Dialect = {
  quote: (name) => `\`${name.replaceAll('`', '``')}\``,
  read: (column) => column,
};

/** The character set of bytes, and the types of strings and bytes: https://dev.mysql.com/doc/dev/mysql-server/latest/ */
const BINARY = 63;
const [BLOB, VAR_STRING, STRING] = [252, 253, 254];
const BYTE_TYPES: readonly number[] = [BLOB, VAR_STRING, STRING];

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

/** Where the server is, with which password and TLS. */
function accessOf(url: URL): ConnectionOptions {
  const tls = mysqlTls(url);
  const uri = new URL(url.href.replace(/^mariadb:/i, 'mysql:'));
  uri.searchParams.delete('sslmode');
  const { MYSQL_PWD } = process.env;
  return {
    uri: uri.href,
    ...(url.password === '' && MYSQL_PWD !== undefined && { password: MYSQL_PWD }),
    // Unless it is told to, mysql2 verifies for which host the certificate is not.
    ...(tls && { ssl: { ...tls, verifyIdentity: tls.rejectUnauthorized } }),
  };
}

/** True for a column of bytes, whose values may be text or not. */
const isBinary = ({ columnType, characterSet }: FieldPacket): boolean =>
  characterSet === BINARY && BYTE_TYPES.includes(columnType ?? -1);

/**
 * Connects to a MySQL or MariaDB database and streams a query, in one read-only transaction. The password may be in
 * MYSQL_PWD. TLS: see {@link mysqlTls}.
 *
 * @throws CommandError without the password of the URL
 */
export async function openMysql(url: string, shape: Shape): Promise<RowSource> {
  const server = parseServer(url, 'MYSQL_PWD');
  const { createConnection } = await loadPackage('MySQL', 'mysql2', () => import('mysql2'));
  let connection: Connection;
  /** A lost connection is an error of the connection only, and a stream of rows would wait forever. */
  let stream: Readable | undefined;
  let lost: Error | undefined;
  try {
    connection = createConnection({
      ...accessOf(server.url),
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
    const idAt = Object.keys(shape.columns).indexOf(ID_KEY);
    return {
      unit: 'rows',
      total: Number(total),
      async *read() {
        let done = 0;
        try {
          if (lost) throw lost;
          const query = connection.query({ sql, rowsAsArray: true, typeCast });
          /** The type of the ids, if they are bytes. */
          let idType: number | undefined;
          query.on('fields', (fields: readonly FieldPacket[]) => {
            const id = fields[idAt];
            idType = id && isBinary(id) ? id.columnType : undefined;
          });
          stream = query.stream({ highWaterMark: PAGE_ROWS });
          const rows: AsyncIterable<unknown[]> = stream;
          for await (const values of rows) {
            done += 1;
            const id = values[idAt];
            if (idType !== undefined && id instanceof Uint8Array)
              values[idAt] = idOfBytes(id, idType === STRING);
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
