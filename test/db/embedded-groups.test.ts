import { statSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import type { InStatement } from '@libsql/client';
import { describe, expect, test } from 'vitest';
import { contents, insert, opened, range } from '../support/embedded-room.ts';

/** Number of pages in the write-ahead log. A commit writes each page that it has changed. */
const pagesLogged = (path: string): number => Math.floor(statSync(`${path}-wal`).size / 4096);

describe('batches of one turn of the event loop', () => {
  test('share one commit', async () => {
    const { client, path } = await opened();
    const logged = async (work: () => Promise<unknown>): Promise<number> => {
      const before = pagesLogged(path);
      await work();
      return pagesLogged(path) - before;
    };
    const one = await logged(() => client.batch([insert('alone')]));
    const many = await logged(() =>
      Promise.all(range(40).map((i) => client.batch([insert(`${i}`)]))),
    );
    expect(one).toBeGreaterThan(0);
    expect(many).toBe(one);
  });

  test('are committed together: another connection sees all of them or none of them', async () => {
    const { client, other } = await opened();
    const seen = new Set<number>();
    const writes = range(40).map(async (i) => {
      await client.batch([insert(`${i} a`), insert(`${i} b`)]);
      seen.add(contents(other).length);
    });
    expect(contents(other)).toEqual([]);
    await Promise.all(writes);
    expect([...seen]).toEqual([80]);
  });

  test('each return their own results, in order', async () => {
    const { client } = await opened();
    const all = await Promise.all(
      range(20).map((i) => client.batch([insert(`${i}`), 'select max(id) as id from t'])),
    );
    expect(all.map(([, last]) => last?.rows[0]?.id)).toEqual(range(20).map((i) => i + 1));
    expect(all.map(([first]) => first?.lastInsertRowid)).toEqual(
      range(20).map((i) => BigInt(i + 1)),
    );
  });

  test('a failing batch is rolled back, names the statement, and does not affect others', async () => {
    const { client, other } = await opened();
    const outcomes = await Promise.allSettled([
      client.batch([insert('first')]),
      client.batch([insert('undone'), insert('first')]),
      client.batch([insert('first')]),
      client.batch([insert('undone'), 'insert into nowhere values (1)', insert('never')]),
      client.batch([insert('last'), insert('very last')]),
    ]);
    expect(
      outcomes.map((one) =>
        one.status === 'fulfilled' ? 'done' : `${one.reason.code} ${one.reason.statementIndex}`,
      ),
    ).toEqual(['done', 'SQLITE_CONSTRAINT 1', 'SQLITE_CONSTRAINT 0', 'SQLITE_ERROR 1', 'done']);
    expect(contents(other)).toEqual(['first', 'last', 'very last']);
  });

  test('changes() refers to the preceding statement of the same batch', async () => {
    const { client, other } = await opened();
    const ifChanged = (a: string): InStatement => ({
      sql: 'insert into t (a) select ? where changes() > 0',
      args: [a],
    });
    await Promise.all([
      client.batch([insert('one')]),
      client.batch(["update t set a = 'x' where id = 99", ifChanged('not this')]),
      client.batch([insert('two'), ifChanged('this')]),
    ]);
    expect(contents(other)).toEqual(['one', 'two', 'this']);
  });

  test('batches that do not fit on the disk fail, the others are committed', async () => {
    const { client, other } = await opened();
    const { rows } = await client.execute('pragma page_count');
    await client.execute(`pragma max_page_count = ${Number(rows[0]?.page_count) + 4}`);
    const big = { sql: 'insert into t (a) values (?)', args: ['x'.repeat(100_000)] };
    const outcomes = await Promise.allSettled([
      client.batch([insert('before'), insert('before as well')]),
      client.batch([insert('undone'), big]),
      client.batch([big]),
      client.batch([insert('after')]),
    ]);
    expect(outcomes.map((one) => (one.status === 'fulfilled' ? 'done' : one.reason.code))).toEqual([
      'done',
      'SQLITE_FULL',
      'SQLITE_FULL',
      'done',
    ]);
    expect(contents(other)).toEqual(['before', 'before as well', 'after']);
    await client.batch([insert('later')]);
    expect(contents(other)).toHaveLength(4);
  });

  test('wait together for the lock of another connection, and run once', async () => {
    const { client, other } = await opened();
    other.exec('BEGIN IMMEDIATE');
    const writes = range(10).map((i) => client.batch([insert(`${i}`)]));
    await delay(60);
    writes.push(client.batch([insert('late')]));
    other.exec('COMMIT');
    await Promise.all(writes);
    expect(contents(other)).toEqual([...range(10).map(String), 'late']);
  });

  test('fail together if the lock is not released in time', async () => {
    const { client, other } = await opened(1000);
    other.exec('BEGIN IMMEDIATE');
    const begun = performance.now();
    const writes = await Promise.allSettled(range(3).map((i) => client.batch([insert(`${i}`)])));
    expect(writes.map((one) => one.status === 'rejected' && one.reason.code)).toEqual(
      Array(3).fill('SQLITE_BUSY'),
    );
    // Waiting one after the other would take three times as long.
    expect(performance.now() - begun).toBeLessThan(2000);
    other.exec('COMMIT');
    expect(contents(other)).toEqual([]);
  });

  test('run once if the commit has to wait', async () => {
    const { client, other } = await opened();
    // Without a write-ahead log, a commit waits for readers.
    await client.execute('PRAGMA journal_mode = DELETE');
    other.exec('BEGIN; select * from t');
    const writes = range(4).map((i) => client.batch([insert(`${i} a`), insert(`${i} b`)]));
    await delay(60);
    other.exec('COMMIT');
    await Promise.all(writes);
    expect(contents(other)).toHaveLength(8);
  });

  test('run in the order of the calls', async () => {
    const { client, other } = await opened();
    const count = 'select count(*) as n from t';
    const [, [before], , after, , rows] = await Promise.all([
      client.batch([insert('1')]),
      client.batch([count]),
      client.batch([insert('2')]),
      client.execute(count),
      client.execute(insert('3')),
      client.batch([insert('4'), count]),
    ]);
    expect(before?.rows[0]?.n).toBe(1);
    expect(after.rows[0]?.n).toBe(2);
    expect(rows[1]?.rows[0]?.n).toBe(4);
    expect(contents(other)).toEqual(['1', '2', '3', '4']);
  });

  test('run alone if they begin or end a transaction, or request an invalid mode', async () => {
    const { client, other } = await opened();
    const outcomes = await Promise.allSettled([
      client.batch([insert('A')]),
      client.batch([insert('B'), 'COMMIT']),
      client.batch([insert('never')], 'nope' as 'write'),
      client.batch([insert('C')]),
      client.batch(['rollback', insert('D')]),
      client.batch([insert('E')]),
    ]);
    const statuses = outcomes.map(({ status }) => status === 'fulfilled');
    expect(statuses).toEqual([true, false, false, true, false, true]);
    expect(contents(other)).toEqual(['A', 'B', 'C', 'E']);
  });

  test('a statement that fails halfway leaves no changes', async () => {
    const { client, other } = await opened();
    const half = "insert or fail into t (a) values ('new'), ('there')";
    const outcomes = await Promise.allSettled([
      client.batch([insert('there')]),
      client.batch([half]),
      client.batch([insert('more')]),
    ]);
    expect(outcomes.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled']);
    expect(contents(other)).toEqual(['there', 'more']);
  });

  test('are rejected when the client is closed', async () => {
    const { client, other } = await opened();
    const writes = Promise.allSettled([client.batch([insert('x')]), client.batch([insert('y')])]);
    client.close();
    for (const one of await writes)
      expect(one).toMatchObject({ reason: { code: 'CLIENT_CLOSED' } });
    expect(contents(other)).toEqual([]);
  });
});
