import { chmodSync } from 'node:fs';
import { inspect } from 'node:util';
import { describe, expect, test } from 'vitest';
import { CommandError } from '../../src/core/errors.ts';
import { openSource } from '../../src/runtime/sources/open.ts';
import { emptyFolder } from '../support/server.ts';
import { accountsIn, fileOf, fixture } from '../support/source-room.ts';

const NOBODY = 65_534;
const FORMS = ['sqlite', 'csv', 'ndjson', 'sql'] as const;

describe.each(FORMS)('--from %s:FILE', (form) => {
  const refused = (path: string) => accountsIn('pms', `${form}:${path}`).catch(String);

  test('names a file that is missing, a folder or empty', async () => {
    expect(await refused('/nowhere/users')).toBe('CommandError: /nowhere/users does not exist.');
    const folder = emptyFolder();
    expect(await refused(folder)).toBe(`CommandError: ${folder} is a folder. Name a file.`);
    const empty = fileOf('');
    expect(await refused(empty)).toBe(`CommandError: ${empty} is empty.`);
    expect(await refused('/dev/null')).toBe('CommandError: /dev/null is not a regular file.');
  });

  test('names a file without permission', async () => {
    const path = fileOf('id');
    chmodSync(path, 0);
    // Root may read every file.
    const isRoot = process.getuid?.() === 0;
    if (isRoot) process.seteuid?.(NOBODY);
    try {
      expect(await refused(path)).toMatch(/cannot be read: this user has no permission/);
    } finally {
      if (isRoot) process.seteuid?.(0);
    }
  });
});

test.each([
  ['PGDMP\x01\x0e\0', /custom format of pg_dump\. Convert it: pg_restore --file=dump\.sql/],
  ['SQLite format 3\0', /is a SQLite database\. Use --from sqlite:FILE/],
  ['\x1f\x8b\x08', /is compressed\. Decompress it first: gunzip/],
  ['PK\x03\x04', /ZIP archive or a spreadsheet/],
  ['\xff\xfei\0d\0', /UTF-16/],
])('a text file that begins with %j is rejected with the way out', async (start, message) => {
  for (const form of ['csv', 'ndjson', 'sql']) {
    const file = fileOf(Buffer.from(`${start}and more`, 'latin1'));
    await expect(accountsIn('pms', `${form}:${file}`)).rejects.toThrow(message);
  }
});

test('a text file is no SQLite database', async () => {
  await expect(accountsIn('pms', `sqlite:${fixture('kpa.sql')}`)).rejects.toThrow(
    /kpa\.sql is not a SQLite database/,
  );
});

describe('--from', () => {
  test.each(['', 'users.csv', 'csv:', 'xlsx:a', 'http://u:secret@host/db', ':secret'])(
    '%j is rejected with the forms there are, without the value',
    async (from) => {
      const error = await openSource('pms', from).catch(String);
      expect(error).toBe(
        'CommandError: --from must be one of: sqlite:FILE, csv:FILE, ndjson:FILE, sql:FILE, postgres://…, mysql://….',
      );
    },
  );

  test('is rejected with the forms of its kind', async () => {
    await expect(openSource('latchkey', 'sqlite:a.db')).rejects.toThrow(
      'The source latchkey can be read from: csv:FILE, ndjson:FILE.',
    );
  });

  test.each([
    'postgres://ada:s3cr3t-pw@/x@:db',
    'mysql://ada:s3cr3t-pw@host:port/db',
    'postgresql://ada:s3cr3t-pw@127.0.0.1:1/db?password=s3cr3t-pw',
    'mysql://ada:s3cr3t-pw@127.0.0.1:1/db',
    'mariadb://ada:s3cr3t%2Dpw@127.0.0.1:1/db',
  ])('%s never shows its password', async (url) => {
    const error = await openSource('pms', url).catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(CommandError);
    expect(inspect(error, { depth: 9, showHidden: true })).not.toMatch(/s3cr3t/);
    expect(String(error)).toMatch(
      /URL of the database is not valid|no server accepts connections there/,
    );
  });
});
