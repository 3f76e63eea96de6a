import type { IntMode, ResultSet, Row, Value } from '@libsql/client';
import { fromSql } from './values.ts';

/** Creates a row of a fixed shape from the driver's list of values. */
export type ToRow = (values: readonly unknown[]) => Row;

/**
 * Returns a function that creates rows with these columns. Their values can be read by name (the first value if names
 * repeat) and by position (not enumerable). A shared prototype defines the positions, because defining them for each
 * row takes longer than the query.
 */
export function rowsOf(columns: readonly string[], intMode: IntMode): ToRow {
  class Values {
    readonly #values: readonly Value[];
    constructor(values: readonly Value[]) {
      this.#values = values;
    }
    static {
      const byPosition = [...columns.keys()].map((index) => [
        index,
        {
          get(this: Values) {
            return this.#values[index];
          },
        },
      ]);
      Object.defineProperties(Values.prototype, {
        ...Object.fromEntries(byPosition),
        length: { value: columns.length },
        // A column of this name must be an ordinary value and not set the prototype.
        ['__proto__']: { value: undefined, writable: true },
        constructor: { value: Object },
      });
    }
  }
  const positions = new Set(['length', ...columns.keys()].map(String));
  const named = [...columns.entries()].filter(
    ([index, name]) => columns.indexOf(name) === index && !positions.has(name),
  );
  return (sqlValues) => {
    const values = sqlValues.map((value) => fromSql(value, intMode));
    // The type cannot be inferred, because the positions are known only at run time.
    const row = new Values(values) as unknown as Row;
    for (const [index, name] of named) row[name] = values[index] ?? null;
    return row;
  };
}

const RESULT_SET = {
  toJSON(this: ResultSet) {
    const { columns, columnTypes, rows, rowsAffected, lastInsertRowid } = this;
    return {
      columns,
      columnTypes,
      rows: rows.map((row) => Array.from(row, jsonOf)),
      rowsAffected,
      lastInsertRowid: lastInsertRowid === undefined ? null : String(lastInsertRowid),
    };
  },
};

/** Creates a result set that serializes to JSON like one of @libsql/client. */
export const resultSet = (fields: Omit<ResultSet, 'toJSON'>): ResultSet =>
  Object.assign(Object.create(RESULT_SET), fields);

function jsonOf(value: Value): unknown {
  if (typeof value === 'bigint') return String(value);
  if (value instanceof ArrayBuffer) return Buffer.from(value).toString('base64');
  return value;
}
