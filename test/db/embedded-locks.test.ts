import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import type { Client } from '@libsql/client';
import Database from 'libsql';
import { describe, expect, onTestFinished, test } from 'vitest';
import { createEmbeddedClient } from '../../src/runtime/databases/embedded-client.ts';
import { emptyFolder } from '../support/server.ts';

/** A client, and another connection to its file that holds the write lock. */
async function locked(lockTimeout: number): Promise<{ client: Client; other: Database.Database }> {
  const path = join(emptyFolder(), 'x.db');
  const client = createEmbeddedClient(path, { lockTimeout });
  const other = new Database(path);
  onTestFinished(() => {
    client.close();
    other.close();
  });
  await client.execute('PRAGMA journal_mode = WAL');
  await client.execute('CREATE TABLE t (id INTEGER PRIMARY KEY AUTOINCREMENT, a TEXT)');
  other.exec(`BEGIN IMMEDIATE; INSERT INTO t (a) VALUES ('theirs')`);
  return { client, other };
}

const insert = (a: string) => ({ sql: 'insert into t (a) values (?)', args: [a] });

async function contents(client: Client): Promise<unknown[]> {
  const { rows } = await client.execute('select a from t order by id');
  return rows.map(({ a }) => a);
}

/** Returns `done`, `waits`, or the code of the error that the promise was rejected with. */
async function stateOf(promise: Promise<unknown>): Promise<string> {
  const pending = delay(0, 'waits');
  return Promise.race([
    promise.then(
      () => 'done',
      ({ code }) => code,
    ),
    pending,
  ]);
}

const PATIENT = 20_000;

describe('while another connection has the write lock', () => {
  test('reads continue, and a write runs when the lock is released', async () => {
    const { client, other } = await locked(PATIENT);
    const write = client.execute(insert('ours'));
    write.catch(() => {});
    await delay(60);
    expect(await contents(client)).toEqual([]);
    expect((await client.batch(['select 1', 'select 2'])).length).toBe(2);
    expect((await client.batch(['pragma user_version'], 'read')).length).toBe(1);
    expect(await stateOf(write)).toBe('waits');
    other.exec('COMMIT');
    expect((await write).rowsAffected).toBe(1);
    expect(await contents(client)).toEqual(['theirs', 'ours']);
  });

  test('writes of every kind wait, keep their order, and run once', async () => {
    const { client, other } = await locked(PATIENT);
    const writes = [
      client.execute(insert('first')),
      client.batch([insert('second'), 'select 1', insert('third')]),
      client.batch([insert('fourth')], 'write'),
      client.batch(['select count(*) from t', insert('fifth')]),
      client.migrate([insert('sixth')]),
      client.execute({ ...insert('seventh'), sql: `${insert('').sql} returning id` }),
      client.transaction().then(async (transaction) => {
        await transaction.execute(insert('eighth'));
        await transaction.commit();
      }),
      ...Array.from({ length: 20 }, (_, index) => client.execute(insert(`more ${index}`))),
    ];
    await delay(60);
    expect(await Promise.all(writes.map(stateOf))).toEqual(writes.map(() => 'waits'));
    other.exec('COMMIT');
    // The lock is free, but the first write has not noticed yet.
    writes.push(client.execute(insert('last')));
    await Promise.all(writes);
    const order = 'theirs first second third fourth fifth sixth seventh'.split(' ');
    const more = Array.from({ length: 20 }, (_, index) => `more ${index}`);
    const all = await contents(client);
    // The BEGIN of the transaction keeps its place in the order. When its insert runs is not fixed.
    expect(all.filter((a) => a !== 'eighth')).toEqual([...order, ...more, 'last']);
    expect(all.filter((a) => a === 'eighth')).toHaveLength(1);
  });

  test('a write times out with SQLITE_BUSY and changes nothing; timers fire meanwhile', async () => {
    const { client, other } = await locked(400);
    let ticks = 0;
    const ticking = setInterval(() => (ticks += 1), 10);
    const before = performance.now();
    const writes = [
      client.execute(insert('x')),
      client.batch([insert('y'), insert('z')]),
      client.batch([insert('w')], 'write'),
      client.migrate([insert('v')]),
      client.transaction('write'),
    ];
    const outcomes = await Promise.allSettled(writes);
    clearInterval(ticking);
    const waited = performance.now() - before;
    expect(outcomes.map((each) => each.status === 'rejected' && each.reason.code)).toEqual(
      writes.map(() => 'SQLITE_BUSY'),
    );
    expect(waited).toBeGreaterThan(300);
    expect(waited).toBeLessThan(3000);
    expect(ticks).toBeGreaterThan(8);
    other.exec('COMMIT');
    expect(await contents(client)).toEqual(['theirs']);
    await client.execute(insert('after'));
    expect(await contents(client)).toEqual(['theirs', 'after']);
    expect((await client.execute('pragma foreign_keys')).rows[0]?.foreign_keys).toBe(1);
  });

  test('a script is not retried', async () => {
    const { client } = await locked(PATIENT);
    await expect(client.executeMultiple(`select 1; ${insert('').sql}`)).rejects.toMatchObject({
      code: 'SQLITE_BUSY',
    });
  });

  test('an invalid statement fails at once if no write waits before it', async () => {
    const { client } = await locked(PATIENT);
    await expect(client.execute('selec')).rejects.toMatchObject({ code: 'SQLITE_ERROR' });
    await expect(client.execute('insert into nowhere values (1)')).rejects.toMatchObject({
      code: 'SQLITE_ERROR',
    });
  });

  test('at most a thousand writes wait; the next one fails at once', async () => {
    const { client, other } = await locked(PATIENT);
    const writes = Array.from({ length: 1000 }, () => client.execute(insert('one of many')));
    await expect(client.execute(insert('too many'))).rejects.toMatchObject({ code: 'SQLITE_BUSY' });
    expect(await contents(client)).toEqual([]);
    other.exec('ROLLBACK');
    await Promise.all(writes);
    expect(await contents(client)).toEqual(Array(1000).fill('one of many'));
  });

  test('close rejects all waiting writes', async () => {
    const { client, other } = await locked(PATIENT);
    const writes = [
      client.execute(insert('x')),
      client.batch([insert('y')]),
      client.transaction('write'),
    ];
    const outcomes = Promise.allSettled(writes);
    await delay(100);
    const before = performance.now();
    client.close();
    expect((await outcomes).map((each) => each.status === 'rejected' && each.reason.code)).toEqual(
      writes.map(() => 'CLIENT_CLOSED'),
    );
    expect(performance.now() - before).toBeLessThan(1000);
    other.exec('COMMIT');
    client.reconnect();
    expect(await contents(client)).toEqual(['theirs']);
  });
});

test.each([
  ['a cached statement', (client: Client) => client.execute(insert('refused'))],
  [
    'a statement that returns rows',
    (client: Client) => client.execute(`insert into t (a) values (1) returning id`),
  ],
  ['DDL', (client: Client) => client.execute('create table other (x)')],
  ['a transaction', (client: Client) => client.execute('begin immediate')],
  ['a batch', (client: Client) => client.batch([insert('refused')])],
  ['a batch that has read', (client: Client) => client.batch(['select 1', insert('refused')])],
  ['a batch that writes', (client: Client) => client.batch([insert('refused')], 'write')],
])(
  '%s that failed with SQLITE_BUSY does not prevent the commit of later writes',
  async (_, refused) => {
    const { client, other } = await locked(0);
    await expect(refused(client)).rejects.toMatchObject({ code: 'SQLITE_BUSY' });
    expect(await client.batch(['select 1', 'select 2'])).toHaveLength(2);
    other.exec('ROLLBACK');
    await client.execute(insert('first'));
    await client.batch([insert('second')]);
    expect(other.prepare('SELECT a FROM t').all()).toEqual([{ a: 'first' }, { a: 'second' }]);
    other.exec(`INSERT INTO t (a) VALUES ('theirs')`);
    expect(await contents(client)).toEqual(['first', 'second', 'theirs']);
  },
);

test('a write waits for a transaction of the same client too', async () => {
  const { client, other } = await locked(PATIENT);
  other.exec('ROLLBACK');
  const transaction = await client.transaction('write');
  await transaction.execute(insert('first'));
  const write = client.execute(insert('second'));
  expect(await contents(client)).toEqual([]);
  await transaction.commit();
  await write;
  expect(await contents(client)).toEqual(['first', 'second']);
});

test('no cached statement holds a snapshot or a lock, even after an error', async () => {
  const { client, other } = await locked(0);
  other.exec('ROLLBACK');
  await client.execute(insert('{}'));
  await client.execute(insert('no JSON'));
  await client.execute('create unique index u on t (a)');
  const failing = `select json_extract(a, '$') from t order by id`;
  for (let round = 0; round < 3; round += 1) {
    await client.execute('select * from t');
    await expect(client.execute(failing)).rejects.toThrow('malformed JSON');
    await expect(client.execute(insert('{}'))).rejects.toThrow('UNIQUE');
    await expect(client.batch([insert(`${round}`), insert('{}')])).rejects.toThrow('UNIQUE');
    other.exec(`insert into t (a) values ('other ${round}')`);
    // Truncates the log only if there is no reader or writer.
    const checkpoint = other.prepare('PRAGMA wal_checkpoint(TRUNCATE)').all();
    expect(checkpoint).toEqual([{ busy: 0, log: 0, checkpointed: 0 }]);
  }
});
