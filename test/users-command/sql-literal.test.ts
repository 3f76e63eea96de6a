import { createClient } from '@libsql/client';
import { eq, sql } from 'drizzle-orm';
import { drizzle } from 'drizzle-orm/libsql';
import fc from 'fast-check';
import { describe, expect, onTestFinished, test } from 'vitest';
import { auditEvents, users } from '../../src/core/db/schema.ts';
import { inlined, literalOf } from '../../src/runtime/commands/users/sql-literal.ts';
import { anyCodeUnits } from '../support/odd-texts.ts';

/** Decodes a text that was read as bytes: the driver ends a text at its first NUL. */
const textOf = (bytes: unknown): string =>
  new TextDecoder('utf-8', { ignoreBOM: true, fatal: true }).decode(bytes as ArrayBuffer);

/** A database that holds nothing: SQLite alone evaluates what is written. */
function sqlite() {
  const client = createClient({ url: ':memory:' });
  onTestFinished(() => client.close());
  return client;
}

const HOSTILE = [
  '',
  "'",
  "''); DROP TABLE users; --",
  '"; DELETE FROM users; /*',
  '\\',
  '?',
  '?1 :name @name $name',
  "x'00'",
  'a\0b',
  '\0',
  '\ufeffmark',
  '\n\r\t;\u2028',
  'case when end begin',
  '🗝️ नमस्ते \u202e',
];

describe('literalOf', () => {
  test('writes text as hexadecimal digits only', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme', maxLength: 200 }), (text) => {
        expect(literalOf(text)).toMatch(/^CAST\(x'(?:[0-9a-f]{2})*' AS TEXT\)$/);
      }),
    );
  });

  test('SQLite reads any text back unchanged, as a text', async () => {
    const client = sqlite();
    const texts = fc.oneof(
      fc.string({ unit: 'grapheme', maxLength: 200 }),
      fc.string({ unit: 'binary', maxLength: 200 }).filter((text) => text.isWellFormed()),
      anyCodeUnits.filter((text) => text.isWellFormed()),
      fc.constantFrom(...HOSTILE),
    );
    await fc.assert(
      fc.asyncProperty(texts, texts, async (text, other) => {
        const { rows } = await client.execute({
          sql: `SELECT typeof(t), t = ?, CAST(t AS BLOB) FROM (SELECT ${literalOf(text)} AS t, ${literalOf(other)})`,
          args: [text],
        });
        expect([rows[0]?.[0], rows[0]?.[1], textOf(rows[0]?.[2])]).toEqual(['text', 1, text]);
      }),
      { numRuns: 1000 },
    );
  });

  test('SQLite reads any safe integer and null back unchanged', async () => {
    const client = sqlite();
    await fc.assert(
      fc.asyncProperty(fc.oneof(fc.maxSafeInteger(), fc.constant(null)), async (value) => {
        const { rows } = await client.execute(`SELECT ${literalOf(value)} AS v`);
        expect(rows[0]?.[0] ?? null).toBe(value === 0 ? 0 : value);
      }),
    );
  });

  test('rejects lone surrogates, which are no text', () => {
    fc.assert(
      fc.property(
        fc.string({ unit: 'grapheme' }),
        fc.integer({ min: 0xd800, max: 0xdfff }),
        (text, surrogate) => {
          const alone = `${text} ${String.fromCharCode(surrogate)} `;
          expect(() => literalOf(alone)).toThrow('not valid Unicode');
        },
      ),
    );
  });

  test.each([
    [1.5],
    [Number.NaN],
    [Number.POSITIVE_INFINITY],
    [2 ** 53],
    [undefined],
    [true],
    [1n],
    [{}],
    [['a']],
    [new Uint8Array(1)],
    [new Date(0)],
    [Object('a')],
  ])('rejects %o', (value) => {
    expect(() => literalOf(value)).toThrow(TypeError);
  });
});

describe('inlined', () => {
  test('writes the parameters of a statement of drizzle in their places, not into quoted texts', async () => {
    const client = sqlite();
    const db = drizzle({ client });
    await fc.assert(
      fc.asyncProperty(
        fc.constantFrom(...HOSTILE),
        fc.constantFrom(...HOSTILE),
        fc.maxSafeInteger(),
        async (one, other, number) => {
          const query = db.all(
            sql`select cast(${one} as blob) as "a?", '?''?' as "b""?", ${number} as c, cast(${other} as blob) as d where ${one} = ${one}`,
          );
          const { rows } = await client.execute(inlined(query.getQuery()));
          const [row] = rows;
          expect([textOf(row?.[0]), row?.[1], row?.[2], textOf(row?.[3])]).toEqual([
            ...[one, "?'?"],
            ...[number, other],
          ]);
        },
      ),
    );
  });

  test('a statement of drizzle has the same effect as with bound parameters', () => {
    const db = drizzle({ client: sqlite() });
    const query = db
      .update(users)
      .set({ name: "O'Brien ?", failedLogins: 3 })
      .where(eq(users.id, 7))
      .toSQL();
    expect(inlined(query)).toBe(
      `update "users" set "failed_logins" = 3, "name" = ${literalOf("O'Brien ?")} where "users"."id" = 7`,
    );
    const none = db.select({ id: auditEvents.id }).from(auditEvents).toSQL();
    expect(inlined(none)).toBe(none.sql);
  });

  test.each([
    ['select ?', []],
    ['select ?', [1, 2]],
    ["select '?'", [1]],
  ])('%s with %j throws', (text, params) => {
    expect(() => inlined({ sql: text, params })).toThrow(TypeError);
  });
});
