import { statSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import type { InStatement } from '@libsql/client';
import { describe, expect, test } from 'vitest';
import { contents, insert, opened, range } from '../support/embedded-room.ts';

/** How many pages have been written to the log: a commit writes each page that it has changed. */
const pagesLogged = (path: string): number => Math.floor(statSync(`${path}-wal`).size / 4096);

describe('batches of one turn', () => {
  test('are one commit', async () => {
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

  test('are committed together: another connection sees all of them or none', async () => {
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

  test('get each their own results, in their order', async () => {
    const { client } = await opened();
    const all = await Promise.all(
      range(20).map((i) => client.batch([insert(`${i}`), 'select max(id) as id from t'])),
    );
    expect(all.map(([, last]) => last?.rows[0]?.id)).toEqual(range(20).map((i) => i + 1));
    expect(all.map(([first]) => first?.lastInsertRowid)).toEqual(
      range(20).map((i) => BigInt(i + 1)),
    );
  });

  test('one that fails is undone whole, tells which statement it was, and leaves the others', async () => {
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

  test('what a statement asks of the one before it is of its own batch', async () => {
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

  test('one that does not fit on the disk fails, whoever does fit is done', async () => {
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

  test('wait together for the lock of another connection, and are done once', async () => {
    const { client, other } = await opened();
    other.exec('BEGIN IMMEDIATE');
    const writes = range(10).map((i) => client.batch([insert(`${i}`)]));
    await delay(60);
    writes.push(client.batch([insert('late')]));
    other.exec('COMMIT');
    await Promise.all(writes);
    expect(contents(other)).toEqual([...range(10).map(String), 'late']);
  });

  test('are refused together when the lock is not given up in time', async () => {
    const { client, other } = await opened(1000);
    other.exec('BEGIN IMMEDIATE');
    const begun = performance.now();
    const writes = await Promise.allSettled(range(3).map((i) => client.batch([insert(`${i}`)])));
    expect(writes.map((one) => one.status === 'rejected' && one.reason.code)).toEqual(
      Array(3).fill('SQLITE_BUSY'),
    );
    // One after the other they would wait three times as long.
    expect(performance.now() - begun).toBeLessThan(2000);
    other.exec('COMMIT');
    expect(contents(other)).toEqual([]);
  });

  test('are done once where it is the commit that has to wait', async () => {
    const { client, other } = await opened();
    // Without a log a commit waits for whoever reads.
    await client.execute('PRAGMA journal_mode = DELETE');
    other.exec('BEGIN; select * from t');
    const writes = range(4).map((i) => client.batch([insert(`${i} a`), insert(`${i} b`)]));
    await delay(60);
    other.exec('COMMIT');
    await Promise.all(writes);
    expect(contents(other)).toHaveLength(8);
  });

  test('what was called later is done later', async () => {
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

  test('go alone where they begin or end a transaction, or ask for a mode that is none', async () => {
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

  test('a statement that fails half-way leaves nothing of what it did', async () => {
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

  test('end with the client', async () => {
    const { client, other } = await opened();
    const writes = Promise.allSettled([client.batch([insert('x')]), client.batch([insert('y')])]);
    client.close();
    for (const one of await writes)
      expect(one).toMatchObject({ reason: { code: 'CLIENT_CLOSED' } });
    expect(contents(other)).toEqual([]);
  });
});
