import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { createClient } from '@libsql/client';
import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import { loadReleased, rowsOf } from '../support/released-dump.ts';
import { emptyFolder } from '../support/server.ts';
import { MIGRATIONS } from '../support/test-app.ts';

const columnSchema = z.object({
  type: z.string(),
  primaryKey: z.boolean(),
  notNull: z.boolean(),
  autoincrement: z.boolean(),
  default: z.unknown().optional(),
});
const snapshotSchema = z.object({
  tables: z.record(
    z.string(),
    z.object({
      columns: z.record(z.string(), columnSchema),
      indexes: z.record(z.string(), z.object({ isUnique: z.boolean() })),
      foreignKeys: z.record(z.string(), z.unknown()),
      checkConstraints: z.record(z.string(), z.unknown()).default({}),
    }),
  ),
});
type Snapshot = z.infer<typeof snapshotSchema>;

const snapshots = readdirSync(join(MIGRATIONS, 'meta'))
  .filter((name) => /^\d+_snapshot/.test(name))
  .sort()
  .map((name) =>
    snapshotSchema.parse(JSON.parse(readFileSync(join(MIGRATIONS, 'meta', name), 'utf8'))),
  );

/** Returns what `after` does not accept of programs that know only `before`. */
function breaks(before: Snapshot, after: Snapshot): string[] {
  return Object.entries(before.tables).flatMap(([name, old]) => {
    const table = after.tables[name];
    if (!table) return [`${name} is gone`];
    const added = (kind: 'columns' | 'indexes' | 'foreignKeys' | 'checkConstraints') =>
      Object.keys(table[kind]).filter((each) => !(each in old[kind]));
    return [
      ...Object.entries(old.columns)
        .filter(([column, was]) => JSON.stringify(table.columns[column]) !== JSON.stringify(was))
        .map(([column]) => `${name}.${column} has changed`),
      ...added('columns')
        .filter((column) => table.columns[column]?.notNull)
        .filter((column) => table.columns[column]?.default === undefined)
        .map((column) => `${name}.${column} is required`),
      ...added('indexes')
        .filter((index) => table.indexes[index]?.isUnique)
        .map((index) => `${index} is unique`),
      ...[...added('foreignKeys'), ...added('checkConstraints')].map((each) => `${each} is new`),
    ];
  });
}

describe('a server of an older version works on the schema of a newer one', () => {
  test('each migration only adds: columns that may be left out, tables, indexes that refuse nothing', () => {
    expect(snapshots.length).toBeGreaterThan(9);
    for (const [i, before] of snapshots.entries()) {
      for (const after of snapshots.slice(i + 1)) expect(breaks(before, after)).toEqual([]);
    }
  });

  test('the rule finds what breaks it', () => {
    const column = { type: 'text', primaryKey: false, notNull: true, autoincrement: false };
    const none = { indexes: {}, foreignKeys: {}, checkConstraints: {} };
    const before = {
      tables: { a: { columns: { b: { ...column, default: undefined } }, ...none } },
    };
    const after = {
      tables: {
        a: {
          columns: {
            b: { ...column, notNull: false, default: undefined },
            c: { ...column, default: undefined },
            d: { ...column, default: "''" },
          },
          ...none,
          indexes: { a_c: { isUnique: true }, a_d: { isUnique: false } },
          foreignKeys: { a_c_users: {} },
        },
      },
    };
    expect(breaks(before, after)).toEqual([
      ...['a.b has changed', 'a.c is required', 'a_c is unique', 'a_c_users is new'],
    ]);
    expect(breaks(before, { tables: {} })).toEqual(['a is gone']);
  });

  test('the rows that a server of 0.1.0 writes, column by column, are accepted today', async () => {
    const folder = emptyFolder();
    await loadReleased(`file:${join(folder, 'old.db')}`);
    const old = createClient({ url: `file:${join(folder, 'old.db')}` });
    const today = createClient({ url: `file:${join(folder, 'new.db')}` });
    for (const file of readdirSync(MIGRATIONS).filter((name) => name.endsWith('.sql'))) {
      await today.executeMultiple(readFileSync(join(MIGRATIONS, file), 'utf8'));
    }
    for (const table of ['users', 'sessions', 'audit_events', 'rate_limits']) {
      const { columns, rows } = await rowsOf(old, table);
      expect([table, rows.length]).not.toEqual([table, 0]);
      for (const args of rows) {
        const names = columns.map((column) => `"${column}"`).join(', ');
        const places = columns.map(() => '?').join(', ');
        await today.execute({ sql: `INSERT INTO "${table}" (${names}) VALUES (${places})`, args });
      }
      const { rows: stored } = await today.execute(`SELECT ${columns.join(', ')} FROM "${table}"`);
      expect(stored.map((row) => columns.map((column) => row[column] ?? null))).toEqual(rows);
    }
    old.close();
    today.close();
  });
});
