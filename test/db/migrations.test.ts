import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { createClient } from '@libsql/client';
import { generateSQLiteDrizzleJson, generateSQLiteMigration } from 'drizzle-kit/api';
import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import * as accountSchema from '../../src/core/db/account-schema.ts';
import * as schema from '../../src/core/db/schema.ts';
import { createTestApp, json, MIGRATIONS, newUser } from '../support/test-app.ts';

const journalSchema = z.object({
  entries: z.array(z.object({ tag: z.string(), idx: z.number() })),
});

/** Statements that would delete the rows of child tables on D1, or lose data on any database. */
const DESTRUCTIVE =
  /\bDROP\s+(TABLE|COLUMN)\b|\bRENAME\s+TO\b|__new_|\bDELETE\s+FROM\b|\bTRUNCATE\b/i;

const files = readdirSync(MIGRATIONS).filter((name) => name.endsWith('.sql'));

describe('migrations', () => {
  test.each(files)('%s does not rebuild or drop tables or columns', (file) => {
    expect(readFileSync(join(MIGRATIONS, file), 'utf8')).not.toMatch(DESTRUCTIVE);
  });

  test('the rule matches a table rebuild as drizzle-kit writes it', () => {
    for (const statement of [
      'CREATE TABLE `__new_users` (`id` integer);',
      'DROP TABLE `users`;',
      'ALTER TABLE `__new_users` RENAME TO `users`;',
      'alter table users drop column bio',
    ]) {
      expect(statement).toMatch(DESTRUCTIVE);
    }
    expect('ALTER TABLE `users` ADD `disabled_at` integer;').not.toMatch(DESTRUCTIVE);
  });

  test('the journal lists each file once, in order', () => {
    const { entries } = journalSchema.parse(
      JSON.parse(readFileSync(join(MIGRATIONS, 'meta/_journal.json'), 'utf8')),
    );
    expect(entries.map(({ tag }) => `${tag}.sql`)).toEqual([...files].sort());
  });

  test('they produce exactly the schema of src/core/db', async () => {
    const snapshots = readdirSync(join(MIGRATIONS, 'meta')).filter((name) => /^\d+_/.test(name));
    const latest = JSON.parse(
      readFileSync(join(MIGRATIONS, 'meta', snapshots.sort().at(-1) ?? ''), 'utf8'),
    );
    const current = await generateSQLiteDrizzleJson({ ...schema, ...accountSchema }, latest.id);
    expect(await generateSQLiteMigration(latest, current)).toEqual([]);
  });

  test('an id is never reused, not even the highest one after its user is deleted', async () => {
    const { app, db } = await createTestApp();
    const first = await newUser(app, 'first@example.com');
    await db.run('delete from users');
    const second = await newUser(app, 'second@example.com');
    expect(second.id).toBeGreaterThan(first.id);
  });

  test('a login finds its user through an index', async () => {
    const client = createClient({ url: ':memory:' });
    for (const file of files) {
      await client.executeMultiple(readFileSync(join(MIGRATIONS, file), 'utf8'));
    }
    for (const column of ['email_normalized', 'phone_normalized', 'id']) {
      const plan = await client.execute({
        sql: `EXPLAIN QUERY PLAN SELECT id FROM users WHERE ${column} = ?`,
        args: ['x'],
      });
      expect(String(plan.rows[0]?.detail)).toMatch(/^SEARCH users USING/);
    }
    client.close();
  });

  test('a profile contains no password hash and no normal form', async () => {
    const { app } = await createTestApp();
    const user = await newUser(app);
    const response = await app.request('/profile/me', {
      ...json('PUT', { name: 'Ada' }),
      headers: { Authorization: `Bearer ${user.token}`, 'Content-Type': 'application/json' },
    });
    expect(await response.text()).not.toMatch(/pbkdf2|normalized|hash/);
  });
});
