import { CommandError } from '../../../core/errors.ts';
import { type Column, findColumn, findColumns, ID_KEY, listOf } from '../column.ts';
import { type CredentialTable, PASSWORD_KEY, type Shape, schemaHint, tableOf } from '../shape.ts';

/** The SQL of a kind of database. */
export interface Dialect {
  quote(name: string): string;
  /** Returns the expression that reads a column. */
  read(column: string): string;
}

/** What a database knows of its tables. */
export interface Catalog {
  /** Returns the columns of a table; none if it does not exist. */
  columnsOf(table: string): Promise<readonly string[]>;
  tables(): Promise<readonly string[]>;
}

/** The query that reads a shape, in the order of the ids. */
export interface Select {
  readonly sql: string;
  /** The same as a number of rows. */
  readonly count: string;
}

interface SelectOptions {
  readonly dialect: Dialect;
  readonly catalog: Catalog;
  /** Qualifies tables. */
  readonly schema?: string | undefined;
}

/**
 * Builds the query that reads a shape from a database.
 *
 * @throws CommandError that lists the tables, or the columns, if one is missing
 */
export async function buildSelect(
  shape: Shape,
  { dialect, catalog, schema }: SelectOptions,
): Promise<Select> {
  const { credentials } = shape;
  const qualified = (table: string) =>
    (schema === undefined ? '' : `${dialect.quote(schema)}.`) + dialect.quote(table);
  const table = tableOf(shape);
  const columns = Object.entries(shape.columns);
  const own = columns.filter(([key]) => !(credentials && key === PASSWORD_KEY));
  const hasSchemas = schema !== undefined;
  const available = await existing(catalog, table, hasSchemas);
  const found = findColumns(Object.fromEntries(own), available, ownerOf(table));
  const nameOf = new Map(own.map(([key], index) => [key, available[found[index] ?? -1]]));
  const of = (alias: string, name: string) => `${alias}.${dialect.quote(name)}`;

  const id = of('u', nameOf.get(ID_KEY) ?? ID_KEY);
  const join = credentials && (await joinOf(credentials, catalog, hasSchemas));
  const values = columns.map(([key]) => {
    if (join && key === PASSWORD_KEY) return dialect.read(of('a', join.password));
    const name = nameOf.get(key);
    return name === undefined ? 'NULL' : dialect.read(of('u', name));
  });
  const from =
    `FROM ${qualified(table)} u` +
    (credentials && join
      ? ` LEFT JOIN ${qualified(credentials.table)} a ON ${of('a', join.userId)} = ${id}` +
        ` AND ${of('a', join.provider)} = '${credentials.providerValue}'`
      : '');
  return {
    sql: `SELECT ${values.join(', ')} ${from} ORDER BY ${id}`,
    count: `SELECT count(*) ${from}`,
  };
}

async function joinOf(
  { table, userId, provider, password }: CredentialTable,
  catalog: Catalog,
  hasSchemas: boolean,
) {
  const available = await existing(catalog, table, hasSchemas);
  const name = (column: Column) =>
    available[findColumn(column, available, ownerOf(table)) ?? -1] ?? '';
  return { userId: name(userId), provider: name(provider), password: name(password) };
}

async function existing(
  catalog: Catalog,
  table: string,
  hasSchemas: boolean,
): Promise<readonly string[]> {
  const columns = await catalog.columnsOf(table);
  if (columns.length > 0) return columns;
  const hint = hasSchemas ? schemaHint(table) : '';
  throw new CommandError(
    `The database has no table "${table}". It has: ${listOf(await catalog.tables())}.${hint}`,
  );
}

const ownerOf = (table: string): string => `The table "${table}"`;
