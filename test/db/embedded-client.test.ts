import type { Client, IntMode, InValue, ResultSet } from '@libsql/client';
import fc from 'fast-check';
import { expect, onTestFinished, test } from 'vitest';
import { emptyFolder } from '../support/server.ts';
import { openTwoClients, outcomeOf, type TwoClients } from '../support/two-clients.ts';

const SCHEMA = [
  'DROP TABLE IF EXISTS child',
  'DROP TABLE IF EXISTS t',
  'DROP TABLE IF EXISTS extra',
  'CREATE TABLE t (id INTEGER PRIMARY KEY AUTOINCREMENT, a TEXT UNIQUE, b, c REAL NOT NULL DEFAULT 0, d BLOB)',
  'CREATE TABLE child (id INTEGER PRIMARY KEY, t_id INTEGER NOT NULL REFERENCES t ON DELETE CASCADE)',
];

const STATEMENTS = [
  'select * from t order by id',
  'select id, a, b, c, d from t order by id',
  'select ?, ?, ?',
  'select typeof(?), hex(?), length(?), ? is null',
  'select ? as same, ? as same, ? as length, 1 as "__proto__", 2 as toString, 3 as "9"',
  'select ?2, ?1',
  'select count(*) from t',
  'select * from extra',
  'select b + 1 from t',
  // Text only: from a blob it extracts invalid UTF-8, which makes the driver abort the process.
  `select case typeof(b) when 'text' then json_extract(b, '$') end from t order by id`,
  'select 9223372036854775807',
  'select -9007199254740991, 9007199254740991, 1.5, -0.0, 1e300',
  `select x'', x'00ff', zeroblob(3), 'a' || char(0) || 'b', 'ü😀'`,
  'values (?), (?)',
  'with q as (select ? as v) select v from q',
  'with q as (select ? as v) insert into t (b) select v from q',
  'insert into t (a, b) values (?, ?)',
  'insert into t (a, b, d) values (?, ?, ?) returning id, a, b, d',
  'insert into t (b, c) values (?, ?) returning *',
  'insert or ignore into t (id, a) values (?, ?)',
  'insert or replace into t (id, a) values (?, ?)',
  'insert or rollback into t (id, a) values (?, ?)',
  'insert or fail into t (id, a) values (?, ?), (?, ?)',
  'insert into t (id) values (1)',
  'insert into child (t_id) values (?)',
  'update t set b = ? where id = ?',
  'update t set b = ? returning *',
  'delete from t where id = ?',
  'delete from t returning id',
  'create table extra (x INTEGER)',
  'create table if not exists extra (x TEXT, y)',
  'alter table t add column e TEXT default 5',
  'drop table if exists extra',
  'pragma table_info(t)',
  'pragma foreign_keys',
  'pragma user_version = 7',
  'explain query plan select * from t where id = ?',
  'begin',
  'begin immediate',
  'commit',
  'rollback',
  'savepoint s',
  'release s',
  'select 1; select 2',
  'select 1;',
  'selec 1',
  'select nope from t',
  'select * from nowhere',
  '-- nothing',
  ' /* nothing */ select ?',
  '',
  ';',
];

const value = fc.oneof(
  fc.integer({ min: -2, max: 4 }),
  fc.double(),
  fc.bigInt({ min: -(2n ** 65n), max: 2n ** 65n }),
  fc.constantFrom<unknown>(
    2n ** 63n - 1n,
    -(2n ** 63n),
    2n ** 53n,
    2n ** 53n - 1n,
    null,
    undefined,
  ),
  fc.string({ unit: 'binary', maxLength: 8 }),
  fc.constantFrom('1', '[1]', '{', 'a\0b', '\u{1F600}'),
  fc.boolean(),
  fc.uint8Array({ maxLength: 8 }),
  fc.uint8Array({ maxLength: 8 }).map((bytes) => bytes.slice().buffer),
  fc.date({ noInvalidDate: false }),
  fc.constantFrom<unknown>({ a: 1 }, Symbol('s')),
  // The types forbid the last values, but a JavaScript caller can pass them.
) as fc.Arbitrary<InValue>;

const statement = fc.record({
  sql: fc.constantFrom(...STATEMENTS),
  args: fc.array(value, { maxLength: 4 }),
});
const batch = fc.array(
  fc.oneof(
    statement,
    fc.constantFrom(...STATEMENTS),
    statement.map(({ sql, args }): [string, InValue[]] => [sql, args]),
  ),
  { maxLength: 5 },
);
const mode = fc.constantFrom('write', 'read', 'deferred', undefined, 'other' as 'write');

/** A step to run with both clients. */
type Step = (client: Client) => Promise<unknown>;

type Call = () => Promise<unknown>;

type NamedStep = readonly [label: string, run: Step];
const stepOf = (label: string, input: unknown, run: Step): NamedStep => [
  `${label} ${fc.stringify(input)}`,
  run,
];

const execute = statement.map((one) => stepOf('execute', one, (client) => client.execute(one)));
const executeWithArgs = statement.map(({ sql, args }) =>
  stepOf('execute', [sql, args], (client) => client.execute(sql, args)),
);
const inBatch = fc
  .tuple(batch, mode)
  .map(([statements, how]) =>
    stepOf(`batch ${how}`, statements, (client) => client.batch(statements, how)),
  );
const PLAIN = STATEMENTS.filter((text) => /^(?:select \*|insert|update|delete)/.test(text));
const plainBatch = fc.array(
  fc.record({ sql: fc.constantFrom(...PLAIN), args: fc.array(value, { maxLength: 4 }) }),
  { minLength: 1, maxLength: 3 },
);

const inserts = (text: unknown, { rowsAffected }: ResultSet): boolean =>
  rowsAffected > 0 && /\binsert\b/.test(fc.stringify(text));

/**
 * Removes the row id from a result that inserted nothing: SQLite reports the id of an earlier insert, even one that
 * was rolled back.
 */
const rowless = ({ toJSON: _, ...result }: ResultSet) => ({
  ...result,
  lastInsertRowid: undefined,
});

/** Calls our client concurrently and the reference sequentially, because it runs each batch when it is called. */
const atOnce = fc
  .array(
    fc.oneof(
      { arbitrary: fc.tuple(plainBatch, fc.constant('write' as const)), weight: 4 },
      { arbitrary: fc.tuple(batch, mode), weight: 1 },
    ),
    { minLength: 2, maxLength: 4 },
  )
  .map((batches) =>
    stepOf('at once', batches, (client) => {
      const calls = batches.map(([statements, how]) => async () => {
        const results = await client.batch(statements, how);
        return results.map((result, i) =>
          inserts(statements[i], result) ? result : rowless(result),
        );
      });
      return client.protocol === 'file' && 'lookUp' in client
        ? Promise.all(calls.map(outcomeOf))
        : oneByOne(calls);
    }),
  );
const inMigration = fc
  .array(statement, { maxLength: 4 })
  .map((statements) => stepOf('migrate', statements, (client) => client.migrate(statements)));
const inScript = fc
  .array(fc.constantFrom(...STATEMENTS), { maxLength: 4 })
  .map((texts) => stepOf('script', texts, (client) => client.executeMultiple(texts.join(';\n'))));
const step = fc.oneof(
  { arbitrary: execute, weight: 4 },
  { arbitrary: executeWithArgs, weight: 2 },
  { arbitrary: inBatch, weight: 4 },
  { arbitrary: atOnce, weight: 3 },
  { arbitrary: inMigration, weight: 1 },
  { arbitrary: inScript, weight: 1 },
);

async function oneByOne(calls: readonly Call[]): Promise<unknown[]> {
  const outcomes: unknown[] = [];
  for (const call of calls) outcomes.push(await outcomeOf(call));
  return outcomes;
}

async function twoClients(intMode: IntMode = 'number'): Promise<TwoClients> {
  const clients = await openTwoClients(emptyFolder(), intMode);
  // For speed. This test compares results, not durability.
  await clients.theirs.execute('PRAGMA synchronous = OFF');
  onTestFinished(() => {
    clients.ours.close();
    clients.theirs.close();
  });
  return clients;
}

/** Runs a step with both clients and expects the same outcome. */
async function same({ ours, theirs }: TwoClients, label: string, run: Step): Promise<void> {
  const [mine, reference] = [await outcomeOf(() => run(ours)), await outcomeOf(() => run(theirs))];
  expect(mine, label).toEqual(reference);
}

const contents: Step = (client) =>
  client.batch([
    'select * from t order by id',
    'select * from child',
    'select * from sqlite_schema',
  ]);

test('any statements have the results, errors and effects of @libsql/client', async () => {
  const clients = await twoClients();
  await fc.assert(
    fc.asyncProperty(fc.array(step, { minLength: 1, maxLength: 10 }), async (steps) => {
      await same(clients, 'schema', (client) => client.migrate(SCHEMA));
      for (const [label, run] of steps) await same(clients, label, run);
      await same(clients, 'contents', contents);
    }),
    { numRuns: 300 },
  );
});

test('named arguments and all integer modes work as with @libsql/client', async () => {
  for (const intMode of ['number', 'bigint', 'string'] as const) {
    const clients = await twoClients(intMode);
    const sql = 'select :a, @b, $c, :a as again';
    for (const args of [{ a: 1, b: 'x', c: null }, { ':a': true, '@b': 2n, $c: 1.5 }, { a: 1 }]) {
      await same(clients, fc.stringify(args), (client) => client.execute({ sql, args }));
    }
    const args = [true, false, 2n ** 62n, 1.5, 'x', null];
    const many = 'select ?, ?, ?, ?, ?, ?, 7 as seven, count(*)';
    await same(clients, intMode, (client) => client.batch([{ sql: many, args }, [many, args]]));
    await same(clients, 'sync', (client) => client.sync());
  }
});

test('a transaction behaves as with @libsql/client, also after its end', async () => {
  const clients = await twoClients();
  await same(clients, 'schema', (client) => client.migrate(SCHEMA));
  const insert = (id: number) => `insert into t (id, a) values (${id}, 'a${id}')`;
  const endings = ['commit', 'rollback', 'close'] as const;
  for (const [index, end] of endings.entries()) {
    for (const how of ['write', 'deferred', undefined] as const) {
      await same(clients, `${how} to ${end}`, async (client) => {
        const transaction = await client.transaction(how);
        const first = index * 100 + (how?.length ?? 0) * 10;
        const outcomes = [
          await outcomeOf(() => transaction.execute(insert(first))),
          await outcomeOf(() => transaction.batch([insert(first + 1), insert(first), 'select 1'])),
          await outcomeOf(() => transaction.executeMultiple(`${insert(first + 2)}; select 1`)),
          await outcomeOf(() => client.execute('select count(*) from t')),
          transaction.closed,
          await outcomeOf(async () => transaction[end]()),
          transaction.closed,
        ];
        for (const again of endings)
          outcomes.push(await outcomeOf(async () => transaction[again]()));
        outcomes.push(await outcomeOf(() => transaction.execute('select 1')));
        return { outcomes, isOpen: !client.closed };
      });
      await same(clients, `contents after ${end}`, contents);
    }
  }
  await same(clients, 'ended by a statement', async (client) => {
    const transaction = await client.transaction();
    await transaction.execute('insert into t (id) values (7000)');
    return [
      await outcomeOf(() => transaction.execute('insert or rollback into t (id) values (7000)')),
      transaction.closed,
      await outcomeOf(() => transaction.rollback()),
      await outcomeOf(() => transaction.rollback()),
    ];
  });
  await same(clients, 'contents', contents);
});

test('a closed client rejects calls as @libsql/client does, and can reconnect', async () => {
  const clients = await twoClients();
  await same(clients, 'all', async (client) => {
    const transaction = await client.transaction();
    client.close();
    client.close();
    const outcomes: unknown[] = [client.closed, transaction.closed, client.protocol];
    for (const call of [
      () => client.execute('select 1'),
      () => client.batch(['select 1']),
      () => client.migrate(['select 1']),
      () => client.transaction(),
      () => client.executeMultiple('select 1'),
      () => transaction.execute('select 1'),
      async () => client.reconnect(),
      () => client.execute('select 1'),
    ]) {
      outcomes.push(await outcomeOf(call));
    }
    return { outcomes, closed: client.closed };
  });
});
