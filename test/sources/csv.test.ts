import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { SourceMap } from '../../src/runtime/sources/source-map.ts';
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

const HEADER = 'id,email,hashed_password,name,bio';
const pmsIn = (content: string | Uint8Array) => accountsIn('pms', `csv:${fileOf(content)}`);
const withRows = (...rows: readonly string[]) => [HEADER, ...rows, ''].join('\n');

/** Writes a field as RFC 4180 describes it. */
const fieldOf = (text: string): string =>
  /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;

describe('a CSV file', () => {
  test('has NULL where a field is \\N', async () => {
    const text = 'id,email,hashed_password,name,bio\n1,a@x,h,\\N,"\\N"\n2,b@x,h,\\Na,N\n';
    expect((await accountsIn('pms', `csv:${fileOf(text)}`)).map(known)).toEqual([
      { place: 'line 2', id: '1', email: 'a@x', passwordHash: 'h' },
      { place: 'line 3', id: '2', email: 'b@x', passwordHash: 'h', name: '\\Na', bio: 'N' },
    ]);
  });

  test('of the phone backend has its four accounts, exactly as they are', async () => {
    const accounts = await accountsIn('kpa', `csv:${fixture('kpa-users.csv')}`);
    expect(accounts.map(personOf)).toEqual(KPA_ACCOUNTS);
    expect(accounts.map(hashStart)).toEqual(KPA_HASHES);
    expect(accounts.map(({ place }) => place)).toEqual(['line 2', 'line 3', 'line 4', 'line 5']);
  });

  test('is read to the last of its bytes', async () => {
    const reads = await readSource('kpa', `csv:${fixture('kpa-users.csv')}`);
    expect(reads.map(({ done }) => done)).toEqual([152, 266, 359, 461]);
  });

  test.each(['\n', '\r\n'])(
    'may end its lines with %j, and begin with a byte order mark',
    async (end) => {
      const text = `\ufeffID, Email ,HASHED_PASSWORD,name,bio${end}1,a@x,h,"A, ""B""",${end}2,b@x,h,é,x`;
      expect((await pmsIn(text)).map(known)).toEqual([
        { place: 'line 2', id: '1', email: 'a@x', passwordHash: 'h', name: 'A, "B"' },
        { place: 'line 3', id: '2', email: 'b@x', passwordHash: 'h', name: 'é', bio: 'x' },
      ]);
    },
  );

  test('counts lines with line breaks in fields, and skips empty ones', async () => {
    const text = withRows('1,a@x,h,"a\r\nb\nc",', '', '2,b@x,h,,', '', '3,"c@x",h,,');
    const accounts = await pmsIn(text);
    expect(accounts.map(({ place }) => place)).toEqual(['line 2', 'line 6', 'line 8']);
    expect(accounts[0]?.name).toBe('a\r\nb\nc');
  });

  test('yields a row with another number of columns as unreadable, and the rest', async () => {
    const accounts = await pmsIn(
      withRows('1,a@x,h,n,b', '2,b@x,h', '3,c@x,h,n,b,more', '4,d@x,h,n,b'),
    );
    expect(accounts.map(({ id, unreadable }) => [id, unreadable])).toEqual([
      ['1', []],
      ['', [{ field: 'row', message: 'has 3 columns, and the header has 5' }]],
      ['', [{ field: 'row', message: 'has 6 columns, and the header has 5' }]],
      ['4', []],
    ]);
  });

  test('yields a value that is not UTF-8 as unreadable, and replaces nothing', async () => {
    const bytes = Buffer.from(withRows('1,a@x,h,caf\xe9,b', '2,b@x,h,\xc3\xa9,b'), 'latin1');
    const [first, second] = await pmsIn(bytes);
    expect(first).toMatchObject({
      id: '1',
      name: null,
      unreadable: [{ field: 'name', message: 'is not valid UTF-8' }],
    });
    expect(second).toMatchObject({ id: '2', name: 'é', unreadable: [] });
  });

  test('yields a value with a NUL as unreadable', async () => {
    const [account] = await pmsIn(withRows('1,a@x,h,a\0b,'));
    expect(account?.unreadable).toEqual([{ field: 'name', message: 'contains a NUL character' }]);
  });

  test.each([
    [
      'never closes a quotation mark',
      '1,a@x,h,n,\n2,"b@x,h,n,\n3,c@x,h,n,',
      /line 3: .* never closed/,
    ],
    ['has one in a field without', '1,a@x,h,n,\n2,b"x,h,n,', /line 3: .* misplaced quotation mark/],
    ['goes on after one', '1,a@x,h,n,\n2,"b"x,h,n,', /line 3: .* misplaced quotation mark/],
  ])('that %s is rejected with the line, without its values', async (_, rows, message) => {
    const error = await pmsIn(withRows(...rows.split('\n'))).catch(String);
    expect(error).toMatch(message);
    expect(error).not.toContain('b"x');
  });

  test('may have a row of 1 MB, but no longer one, and no million columns', async () => {
    const long = 'x'.repeat(999_000);
    expect((await pmsIn(withRows(`1,a@x,h,n,${long}`)))[0]?.bio).toBe(long);
    const error = /line 3: this row is longer than 1 MB/;
    const ok = '1,a@x,h,n,';
    await expect(pmsIn(withRows(ok, `2,a@x,h,n,${long}${long}`))).rejects.toThrow(error);
    await expect(pmsIn(withRows(ok, ','.repeat(3_000_000)))).rejects.toThrow(error);
  });

  test.each([
    [
      'lacks a column',
      'id,email,name,bio',
      /has no column "hashed_password"\. It has: id, email, name, bio\./,
    ],
    ['has a column twice', `${HEADER},EMAIL,Name,NAME`, undefined],
    [
      'has a column twice',
      'id,Email,EMAIL,hashed_password,name,bio',
      /more than one column "email"/,
    ],
    [
      'separates columns by semicolons',
      HEADER.replaceAll(',', ';'),
      /separate the columns by commas/,
    ],
  ])('whose header %s: %s', async (_, header, message) => {
    const rows = pmsIn(`${header}\n`);
    if (message === undefined) expect(await rows).toEqual([]);
    else await expect(rows).rejects.toThrow(message);
  });

  test('that another program writes is read back exactly', async () => {
    const map: SourceMap = {
      source: 'test',
      times: 'iso',
      columns: { id: 'a "b"', email: 'c,d', name: 'e\nf' },
    };
    const texts = fc
      .string({ unit: 'binary', maxLength: 30 })
      .filter((text) => !text.includes('\0'));
    const rows = fc.array(
      fc.tuple(texts, texts, fc.oneof(texts, fc.constantFrom('"', ',', '\n', '\r\n', 'ü"\r'))),
    );
    await fc.assert(
      fc.asyncProperty(rows, fc.constantFrom('\n', '\r\n'), async (people, end) => {
        // A last field that ends with CR would become a part of the line break.
        const lines = [['a "b"', 'c,d', 'e\nf'], ...people].map((row) =>
          row.map(fieldOf).join(','),
        );
        const file = fileOf(lines.join(end) + end);
        const accounts = await accountsIn('csv', `csv:${file}`, map);
        expect(accounts.map(({ id, email, name }) => [id, email, name])).toEqual(
          people.map(([id, email, name]) => [id, email || null, name || null]),
        );
      }),
      { numRuns: 60 },
    );
  });
});
