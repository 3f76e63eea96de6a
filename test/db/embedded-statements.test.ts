import { join } from 'node:path';
import Database from 'libsql';
import { expect, onTestFinished, test } from 'vitest';
import { createStatements } from '../../src/runtime/databases/embedded/statements.ts';
import { createEmbeddedClient } from '../../src/runtime/databases/embedded-client.ts';
import { emptyFolder } from '../support/server.ts';

function statementsOf(limit: number) {
  const database = new Database(':memory:');
  onTestFinished(() => {
    database.close();
  });
  return createStatements(database, 'number', limit);
}

function clientAndOther() {
  const path = join(emptyFolder(), 'x.db');
  const client = createEmbeddedClient(path);
  const other = new Database(path);
  onTestFinished(() => {
    client.close();
    other.close();
  });
  return { client, other };
}

test('the most recently used statements are cached, up to the limit', () => {
  const statements = statementsOf(3);
  const [one, two] = [statements.prepare('select 1', []), statements.prepare('select 2', [])];
  statements.prepare('select 3', []);
  expect(statements.prepare('select 1', [])).toBe(one);
  statements.prepare('select 4', []);
  expect(statements.size).toBe(3);
  expect(statements.prepare('select 1', [])).toBe(one);
  expect(statements.prepare('select 2', [])).not.toBe(two);
  for (let n = 0; n < 1000; n += 1) statements.prepare(`select ${n}`, []);
  expect(statements.size).toBe(3);
  statements.forget();
  expect(statements.size).toBe(0);
});

test('invalid statements, PRAGMA, DDL and statements with named arguments are not cached', () => {
  const statements = statementsOf(3);
  expect(() => statements.prepare('select nope', [])).toThrow('no such column');
  for (const sql of ['create table t (x)', 'pragma foreign_keys', '-- nothing']) {
    statements.prepare(sql, []);
    expect([sql, statements.size]).toEqual([sql, 0]);
  }
  statements.prepare('select :a', { a: 1 });
  expect(statements.size).toBe(0);
  statements.prepare('select 1', []);
  statements.prepare('create table t (x)', []);
  expect(statements.size).toBe(0);
});

test('a shorter list of arguments does not reuse values of an earlier one', async () => {
  const { client } = clientAndOther();
  const sql = 'select ? as a, ? as b';
  for (const [args, row] of [
    [['secret', 'of another'], { a: 'secret', b: 'of another' }],
    [['mine'], { a: 'mine', b: null }],
    [[], { a: null, b: null }],
    [['x', 'y', 'z'], { a: 'x', b: 'y' }],
    [[], { a: null, b: null }],
  ] as const) {
    expect({ ...(await client.execute(sql, [...args])).rows[0] }).toEqual(row);
  }
});

test('a PRAGMA takes effect each time', async () => {
  const { client } = clientAndOther();
  for (const value of [0, 1, 0, 1]) {
    await client.execute(`PRAGMA foreign_keys = ${value}`);
    expect((await client.execute('PRAGMA foreign_keys')).rows[0]?.foreign_keys).toBe(value);
  }
});

test('cached statements adapt when another process changes the schema', async () => {
  const { client, other } = clientAndOther();
  await client.execute('create table t (id integer primary key, a text)');
  const seen = async (sql: string) => ({ ...(await client.execute(sql)).rows[0] });
  await client.execute('insert into t (a) values (?)', ['x']);
  expect(await seen('select * from t')).toEqual({ id: 1, a: 'x' });
  other.exec('alter table t add column b default 7');
  expect(await seen('select * from t')).toEqual({ id: 1, a: 'x', b: 7 });
  other.exec('alter table t rename column a to c');
  expect(await seen('select * from t')).toEqual({ id: 1, c: 'x', b: 7 });
  expect(await seen('insert into t (c) values (1) returning *')).toEqual({ id: 2, c: '1', b: 7 });
  expect(await seen('select id from t')).toEqual({ id: 1 });
  other.exec('drop table t');
  await expect(client.execute('select id from t')).rejects.toThrow('no such table: t');
  other.exec('create table t (id text)');
  expect((await client.execute('select id from t')).rows).toEqual([]);
});
