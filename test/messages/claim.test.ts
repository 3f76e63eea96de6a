import { createClient, type InArgs } from '@libsql/client';
import { drizzle } from 'drizzle-orm/libsql';
import { migrate } from 'drizzle-orm/libsql/migrator';
import { expect, test } from 'vitest';
import { createMessageApp } from '../support/message-app.ts';
import { openOutbox, queue, resetMessage } from '../support/outbox.ts';
import { MIGRATIONS } from '../support/test-app.ts';

test('a message of the previous secret is sent; one of an unknown secret waits', async () => {
  const { deliver, db, deps, states, sent, events, userId } = await createMessageApp({
    SECRET_KEY_PREVIOUS: 'the secret before',
  });
  const recipient = { userId, expiresAt: deps.clock() + 900_000 };
  const queueWith = async (secret: string) =>
    queue(db, await openOutbox(db, deps.clock, [secret]), resetMessage(), recipient);
  await queueWith('the secret before');
  await deliver();
  expect([sent.length, await states()]).toEqual([1, ['sent']]);
  await queueWith('another');
  await deliver();
  expect((await states()).toSorted()).toEqual(['sent', 'waiting']);
  expect(events()).toMatchObject([{ event: 'message_postponed', reason: 'unreadable' }]);
});

test('a claim is one statement, which finds what is due by an index', async () => {
  const client = createClient({ url: ':memory:' });
  await migrate(drizzle({ client }), { migrationsFolder: MIGRATIONS });
  const statements: { sql: string; args: InArgs }[] = [];
  const logQuery = (sql: string, args: unknown[]) =>
    void statements.push({ sql, args: args.map(String) });
  const outbox = await openOutbox(drizzle({ client, logger: { logQuery } }));
  await outbox.claim(5, ['email', 'phone']);
  await outbox.claim(5, []);
  expect(statements).toHaveLength(2);
  for (const { sql, args } of statements) {
    const plan = await client.execute({ sql: `explain query plan ${sql}`, args });
    const steps = plan.rows.map(({ detail }) => String(detail));
    expect(steps).toContainEqual(expect.stringMatching(/^SEARCH outbox USING .*outbox_waiting/));
    expect(steps.filter((step) => /^SCAN|TEMP B-TREE/.test(step))).toEqual([]);
  }
  client.close();
});
