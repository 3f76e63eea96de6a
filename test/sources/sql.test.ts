import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import {
  accountsIn,
  fileOf,
  fixture,
  hashStart,
  KPA_ACCOUNTS,
  KPA_HASHES,
  known,
  personOf,
  readSource,
} from '../support/source-room.ts';

const DUMP = readFileSync(fixture('kpa.sql'), 'utf8');
const HEAD = 'COPY public.users (id, phone, password_hash, name, email) FROM stdin;';
const kpaIn = (content: string | Uint8Array) => accountsIn('kpa', `sql:${fileOf(content)}`);

describe('a dump of PostgreSQL', () => {
  test('of the phone backend has its four accounts, exactly as they are', async () => {
    const accounts = await accountsIn('kpa', `sql:${fixture('kpa.sql')}`);
    expect(accounts.map(personOf)).toEqual(KPA_ACCOUNTS);
    expect(accounts.map(hashStart)).toEqual(KPA_HASHES);
    const first = DUMP.split('\n').indexOf(HEAD) + 2;
    expect(accounts.map(({ place }) => place)).toEqual(
      [0, 1, 2, 3].map((at) => `line ${first + at}`),
    );
  });

  test('may have CRLF, escapes, and rows of other tables that look like statements', async () => {
    const other =
      'COPY public.notes (text) FROM stdin;\nINSERT INTO users VALUES (1);\nCOPY public.users (id) FROM stdin;\n\\.\n';
    const text = `${other}${HEAD}\n1\t\\x37\\N7\ta\\\\b\tc\\td\\ne\t\\303\\251\n\\.\n`.replaceAll(
      '\n',
      '\r\n',
    );
    expect((await kpaIn(text)).map(known)).toEqual([
      { place: 'line 6', id: '1', phone: '7N7', passwordHash: 'a\\b', name: 'c\td\ne', email: 'é' },
    ]);
  });

  test.each([
    ['a function body', 'CREATE FUNCTION f() RETURNS void AS $_$\n', '\n$_$ LANGUAGE sql;'],
    ['a body with quotes', 'DO $$\n-- it\'s $_$ and "\n', "\n'$$;"],
    ['a string', "COMMENT ON TABLE t IS 'it''s $$ and E\\''\n", "\n';"],
    ['an escape string', "COMMENT ON TABLE t IS E'it\\'s '' $$\n", "\n';"],
    ['a comment', '/* /* */ $$\n', '\n */ SELECT 1 AS "a$$", a$$b$$;'],
    ['a quoted name', 'CREATE VIEW "a "" $$\n', '\n" AS SELECT 1;'],
  ])(
    'may have what looks like rows in %s, and loses none of the next table',
    async (_, before, after) => {
      const text = `${before}${HEAD}\nINSERT INTO users VALUES (1);${after}\n`;
      const accounts = await kpaIn(DUMP.replace(HEAD, () => `${text}${HEAD}`));
      expect(accounts.map(personOf)).toEqual(KPA_ACCOUNTS);
    },
  );

  test('without a table whose name has a dot is rejected with the member for schemas', async () => {
    const map = { source: 'app', times: 'iso', columns: { id: 'id', email: 'email' } } as const;
    const file = `sql:${fixture('kpa.sql')}`;
    await expect(accountsIn('csv', file, { ...map, table: 'public.users' })).rejects.toThrow(
      /It has: users\. .* In --map FILE, a schema has a member of its own: "schema"\./,
    );
  });

  test('yields a row that cannot be read as unreadable, and the rest', async () => {
    const rows = [
      '1\t2',
      '2\t1\th\tn\te\\',
      `3\t${'x'.repeat(1_000_001)}`,
      '4\t1\th\t\\377\t\\N',
      '5\t1\th\tn\te',
    ];
    const accounts = await kpaIn(`${HEAD}\n${rows.join('\n')}\n\\.\n`);
    expect(accounts.map(({ id, unreadable }) => [id, ...unreadable])).toEqual([
      ['', { field: 'row', message: 'has 2 columns, and the table has 5' }],
      ['', { field: 'row', message: 'ends with a backslash' }],
      ['', { field: 'row', message: 'is longer than 1 MB' }],
      ['4', { field: 'name', message: 'is not valid UTF-8' }],
      ['5'],
    ]);
  });

  test.each([
    [
      'ends within the table',
      DUMP.slice(0, DUMP.indexOf('4\t098765')),
      /ends within the table users\. Is it complete\?/,
    ],
    [
      'ends before it',
      DUMP.slice(0, DUMP.indexOf('COPY')),
      /has no rows of a table users\. It has: none\. A dump is made with: pg_dump/,
    ],
    [
      'has another encoding',
      DUMP.replace("'UTF8'", "'LATIN1'"),
      /in the encoding LATIN1\. Make a dump in UTF-8/,
    ],
    [
      'has INSERT statements',
      DUMP.replace(/COPY[\s\S]*/, "INSERT INTO public.users VALUES (1, '1');\n"),
      /users as INSERT statements\. Make a dump with COPY: pg_dump/,
    ],
    [
      'has the table in another schema',
      DUMP.replace('COPY public.users', 'COPY auth.users'),
      /no rows of a table users\. It has: auth\.users\./,
    ],
    [
      'lacks a column',
      DUMP.replace('phone, password_hash', 'number, password_hash'),
      /the table users has no column "phone"\. It has: id, number,/,
    ],
    ['is one of MySQL', '-- MariaDB dump 10.19\n', /is a dump of MySQL\. Use --from mysql:/],
    [
      'is one of SQLite',
      'PRAGMA foreign_keys=OFF;\n',
      /is a dump of SQLite\. Use --from sqlite:FILE/,
    ],
  ])('that %s is rejected', async (_, text, message) => {
    await expect(kpaIn(text)).rejects.toThrow(message);
  });

  test('is read from another schema if the map names it', async () => {
    const file = fileOf(DUMP.replace('COPY public.users', 'COPY auth.users'));
    const columns = { id: 'id', phone: 'phone' };
    const map = { source: 'auth', schema: 'auth', table: 'users', columns, times: 'iso' } as const;
    const reads = await readSource('csv', `sql:${file}`, map);
    expect(reads.map(({ account }) => account.phone)).toEqual(
      KPA_ACCOUNTS.map(({ phone }) => phone),
    );
    expect(reads.every(({ done }, at) => done > (reads[at - 1]?.done ?? 0))).toBe(true);
  });
});

describe('a dump of Better Auth', () => {
  const users = [
    'COPY public."user" (id, name, email, "emailVerified", "createdAt", banned) FROM stdin;',
    'u1\tAda\tada@example.com\tt\t2024-01-02 03:04:05.678+00\tf',
    'u2\tBob\tbob@example.com\tf\t2024-01-02 03:04:05\tt',
    'u3\tCyd\tcyd@example.com\t\\N\tnever\t\\N',
    '\\.',
  ];
  const accounts = [
    'COPY public.account (id, "userId", "providerId", password) FROM stdin;',
    'a1\tu1\tcredential\t73616c74:6b6579',
    'a2\tu1\tgithub\tno',
    'a3\tu2\tgithub\t\\N',
    'a4\tu3\tcredential\tone',
    'a5\tu3\tcredential\ttwo',
    '\\.',
  ];
  const at = Date.UTC(2024, 0, 2, 3, 4, 5);

  test.each([
    ['before', [...accounts, ...users]],
    ['after', [...users, ...accounts]],
  ])('may have the passwords %s the users, who keep both if they have two', async (_, lines) => {
    const read = await accountsIn('better-auth', `sql:${fileOf(`${lines.join('\n')}\n`)}`);
    expect(read.map((account) => ({ ...known(account), place: undefined }))).toMatchObject([
      {
        id: 'u1',
        name: 'Ada',
        emailVerifiedAt: true,
        createdAt: at + 678,
        passwordHash: '73616c74:6b6579',
      },
      { id: 'u2', name: 'Bob', createdAt: at, disabledAt: true },
      {
        id: 'u3',
        passwordHash: 'one',
        unreadable: [{ field: 'createdAt', message: 'is not a time' }],
      },
      {
        id: 'u3',
        passwordHash: 'two',
        unreadable: [{ field: 'createdAt', message: 'is not a time' }],
      },
    ]);
    expect(read[1]?.passwordHash).toBeNull();
    expect(read[1]?.emailVerifiedAt).toBeNull();
  });

  test('with a damaged password is rejected, because it is unknown whose it is', async () => {
    const lines = [...users, ...accounts.toSpliced(2, 1, 'a1\tu1')];
    const error = await accountsIn('better-auth', `sql:${fileOf(lines.join('\n'))}`).catch(String);
    expect(error).toMatch(
      /the table account, line 8: the row has 2 columns, and the table has 4\./,
    );
  });

  test('without the table of passwords is rejected', async () => {
    await expect(
      accountsIn('better-auth', `sql:${fileOf(`${users.join('\n')}\n`)}`),
    ).rejects.toThrow(/has no rows of a table account\. It has: user\./);
  });
});
