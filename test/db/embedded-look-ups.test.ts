import { setTimeout as delay } from 'node:timers/promises';
import { describe, expect, onTestFinished, test } from 'vitest';
import {
  type Connection,
  openConnection,
} from '../../src/runtime/databases/embedded/connection.ts';
import { createLookUps } from '../../src/runtime/databases/embedded/look-ups.ts';
import { insert, opened, range } from '../support/embedded-room.ts';

describe('look-ups of one turn of the event loop', () => {
  const BY_A = 'select id, a from t where a = ?';

  async function filled() {
    const room = await opened();
    await room.client.batch(range(30).map((i) => insert(`${i}`)));
    return { ...room, find: room.client.lookUp(BY_A) };
  }

  test('each find their own row, or none', async () => {
    const { find } = await filled();
    const rows = await Promise.all([...range(30).map((i) => find([`${i}`])), find(['nobody'])]);
    expect(rows).toEqual([...range(30).map((i) => [i + 1, `${i}`]), undefined]);
  });

  test('find the row even if the same SQL was run as a statement', async () => {
    const { client, find } = await filled();
    for (const i of range(3)) {
      const { rows } = await client.execute({ sql: BY_A, args: [`${i}`] });
      expect(rows).toHaveLength(1);
      expect(await find([`${i}`])).toEqual([i + 1, `${i}`]);
    }
  });

  test('are one read: none of them sees what another connection commits meanwhile', async () => {
    const { other, path } = await filled();
    const connection = openConnection(path, 'number');
    onTestFinished(() => connection.close());
    let seen = 0;
    const between: Connection = Object.create(connection, {
      first: {
        value: (...args: Parameters<Connection['first']>) => {
          const row = connection.first(...args);
          if (seen++ === 0) other.exec("update t set a = 'other' where a = '2'");
          return row;
        },
      },
    });
    const insist = () => Promise.reject(new Error('no lock is in the way'));
    const find = createLookUps(() => between, insist)(BY_A);
    expect(await Promise.all([find(['1']), find(['2'])])).toEqual([
      [2, '1'],
      [3, '2'],
    ]);
    expect(await find(['2'])).toBeUndefined();
    expect(seen).toBe(3);
  });

  test('a failing look-up does not affect the others', async () => {
    const { client, find } = await filled();
    const outcomes = await Promise.allSettled([
      find(['1']),
      client.lookUp('select nothing from t')([]),
      find(['2']),
    ]);
    expect(outcomes.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled']);
    expect(outcomes[1]).toMatchObject({ reason: { code: 'SQLITE_ERROR' } });
  });

  test('see what another connection committed before they were called', async () => {
    const { other, find } = await filled();
    for (const i of range(20)) {
      const both = Promise.all([find(['5']), find(['6'])]);
      await both;
      other.exec(`update t set a = 'moved ${i}' where id = 7; delete from t where id = ${10 + i}`);
      const [moved, gone] = await Promise.all([find([`moved ${i}`]), find([`${9 + i}`])]);
      expect(moved).toEqual([7, `moved ${i}`]);
      expect(gone).toBeUndefined();
    }
  });

  test('leave no read transaction open, which would prevent a checkpoint of the log', async () => {
    const { client, other, find } = await filled();
    await Promise.all([
      find(['1']),
      find(['2']),
      client
        .lookUp('select nope')([])
        .catch(() => {}),
    ]);
    other.exec("insert into t (a) values ('grows the log')");
    const checkpoint = other.prepare('pragma wal_checkpoint(truncate)').get();
    expect(checkpoint).toMatchObject({ busy: 0, log: 0 });
  });

  test('wait while another connection locks the file, and run when it is unlocked', async () => {
    const { client, other, find } = await filled();
    // With a write-ahead log, only a recovery locks the whole file, and too briefly for this test.
    await client.execute('PRAGMA journal_mode = DELETE');
    other.exec('BEGIN EXCLUSIVE');
    const rows = Promise.all([find(['1']), find(['2'])]);
    await delay(60);
    other.exec('COMMIT');
    expect(await rows).toEqual([
      [2, '1'],
      [3, '2'],
    ]);
  });

  test('are rejected when the client is closed', async () => {
    const { client, find } = await filled();
    const rows = Promise.allSettled([find(['1']), find(['2'])]);
    client.close();
    for (const one of await rows) expect(one).toMatchObject({ reason: { code: 'CLIENT_CLOSED' } });
  });
});
