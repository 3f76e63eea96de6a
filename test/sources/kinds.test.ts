import { describe, expect, test } from 'vitest';
import type { SourceKind } from '../../src/runtime/sources/kind.ts';
import { openSource } from '../../src/runtime/sources/open.ts';
import { readSourceMap } from '../../src/runtime/sources/source-map.ts';
import { accountsIn, fileOf, known } from '../support/source-room.ts';

const AT = Date.UTC(2024, 0, 2, 3, 4, 5, 678);

const csvOf = (header: string, rows: readonly string[]) =>
  `csv:${fileOf([header, ...rows].join('\n'))}`;
const readOne = async (kind: SourceKind, header: string, row: string) =>
  (await accountsIn(kind, csvOf(header, [row]))).map(known)[0];

describe('Django', () => {
  const HEADER = 'id,password,username,first_name,last_name,email,is_active,date_joined';

  test('has an unreadable account where is_active is empty', async () => {
    expect(await readOne('django', HEADER, '1,h,ada,,,a@x,,2024-01-02 03:04:05.678')).toMatchObject(
      {
        unreadable: [{ field: 'isActive', message: 'is empty, and not yes or no' }],
      },
    );
  });

  test.each([
    [
      'with everything',
      '1,h,ada,Ada,Lovelace,a@x,t,2024-01-02 03:04:05.678+00',
      { email: 'a@x', name: 'Ada Lovelace', passwordHash: 'h' },
    ],
    [
      'without a name',
      '1,h,ada,,,a@x,1,2024-01-02 03:04:05.678',
      { email: 'a@x', passwordHash: 'h' },
    ],
    [
      'with a last name only',
      '1,h,ada,,L,a@x,True,2024-01-02T03:04:05.678Z',
      { email: 'a@x', name: 'L', passwordHash: 'h' },
    ],
    ['without a usable password', '1,!x9,ada,,,a@x,1,2024-01-02 03:04:05.678', { email: 'a@x' }],
    [
      'that is not active',
      '1,h,ada,,,a@x,False,2024-01-02 03:04:05.678',
      { email: 'a@x', passwordHash: 'h', disabledAt: true },
    ],
    [
      'whose user name is its address',
      '1,h,a@x,,,,1,2024-01-02 03:04:05.678',
      { email: 'a@x', passwordHash: 'h' },
    ],
    [
      'whose user name is its number',
      '1,h,+91 98765 43210,,,,1,2024-01-02 03:04:05.678',
      { phone: '+91 98765 43210', passwordHash: 'h' },
    ],
    [
      'whose user name is another number',
      '1,h,20240017,,,,1,2024-01-02 03:04:05.678',
      { passwordHash: 'h' },
    ],
    [
      'whose user name is not needed',
      '1,h,b@x,,,a@x,1,2024-01-02 03:04:05.678',
      { email: 'a@x', passwordHash: 'h' },
    ],
  ])('has an account %s', async (_, row, account) => {
    expect(await readOne('django', HEADER, row)).toEqual({
      place: 'line 2',
      id: '1',
      createdAt: AT,
      ...account,
    });
  });

  test('has an account whose values cannot be read', async () => {
    expect(await readOne('django', HEADER, '1,h,ada,,,a@x,maybe,yesterday')).toMatchObject({
      unreadable: [
        { field: 'createdAt', message: 'is not a time' },
        { field: 'isActive', message: 'is not yes or no' },
      ],
    });
  });
});

test('Better Auth: a file has the password beside the user, and optional columns', async () => {
  const header =
    'id,name,email,email_verified,created_at,updated_at,banned,phone_number,phone_number_verified,password';
  const row = `u1,Ada,a@x,true,${AT},2024-01-02T03:04:05.678Z,1,+1415,1704164645,s:k`;
  expect(await readOne('better-auth', header, row)).toEqual({
    place: 'line 2',
    ...{ id: 'u1', name: 'Ada', email: 'a@x', phone: '+1415', passwordHash: 's:k' },
    ...{ emailVerifiedAt: true, phoneVerifiedAt: 1_704_164_645_000 },
    ...{ createdAt: AT, updatedAt: AT, disabledAt: true },
  });
  await expect(readOne('better-auth', 'id,email,emailVerified', '1,a@x,0')).rejects.toThrow(
    /no column "password"/,
  );
});

test('Latchkey: reads what it exports, without roles', async () => {
  const header =
    'id,email,phone,password_hash,name,bio,locale,email_verified_at,phone_verified_at,created_at,updated_at,disabled_at,roles';
  const time = '2024-01-02T03:04:05.678Z';
  const row = `7,a@x,+1415,h,Ada,"b\r\nc",hi,${time},,${time},${time},,admin`;
  const account = {
    ...{
      id: '7',
      email: 'a@x',
      phone: '+1415',
      passwordHash: 'h',
      name: 'Ada',
      bio: 'b\r\nc',
      locale: 'hi',
    },
    ...{ emailVerifiedAt: AT, createdAt: AT, updatedAt: AT },
  };
  expect(await readOne('latchkey', header, row)).toEqual({ place: 'line 2', ...account });

  const members = {
    ...account,
    password_hash: 'h',
    email_verified_at: time,
    phone_verified_at: null,
  };
  const line = {
    ...members,
    id: 7,
    created_at: time,
    updated_at: time,
    disabled_at: null,
    roles: ['admin'],
  };
  const accounts = await accountsIn('latchkey', `ndjson:${fileOf(JSON.stringify(line))}`);
  expect(accounts.map(known)).toEqual([{ place: 'line 1', ...account }]);
  expect((await readOne('latchkey', header, row.replace(time, 'true')))?.unreadable).toHaveLength(
    1,
  );
});

describe('a map of columns', () => {
  const mapOf = (map: object | string) =>
    readSourceMap(fileOf(typeof map === 'string' ? map : JSON.stringify(map), 'map.json'));
  const minimal = { source: 'myapp', columns: { id: 'user_id', email: 'mail' } };

  test('names the columns of a file', async () => {
    const map = mapOf({
      source: 'myapp',
      times: 'seconds',
      columns: {
        ...{
          id: 'user_id',
          email: 'Mail',
          phone: 'tel',
          password_hash: 'pw',
          name: 'n',
          bio: 'b',
          locale: 'l',
        },
        ...{
          email_verified_at: 'v',
          phone_verified_at: 'pv',
          created_at: 'c',
          updated_at: 'u',
          enabled: 'on',
        },
      },
    });
    const header = 'user_id,mail,tel,pw,n,b,l,v,pv,c,u,on';
    const rows = [
      '1,a@x,+1,h,A,B,en,1704164645,yes,1704164645,1704164645.5,no',
      '2,b@x,,,,,,0,,x,,1',
    ];
    const [first, second] = (await accountsIn('csv', csvOf(header, rows), map)).map(known);
    const at = 1_704_164_645_000;
    expect(first).toEqual({
      place: 'line 2',
      ...{
        id: '1',
        email: 'a@x',
        phone: '+1',
        passwordHash: 'h',
        name: 'A',
        bio: 'B',
        locale: 'en',
      },
      ...{
        emailVerifiedAt: at,
        phoneVerifiedAt: true,
        createdAt: at,
        updatedAt: at + 500,
        disabledAt: true,
      },
    });
    expect(second).toEqual({
      place: 'line 3',
      ...{ id: '2', email: 'b@x', unreadable: [{ field: 'createdAt', message: 'is not a time' }] },
    });
  });

  test.each(['', '\\N', 'maybe'])(
    'with %j in the column of enabled is unreadable, not enabled',
    async (value) => {
      const map = mapOf({ ...minimal, columns: { ...minimal.columns, enabled: 'on' } });
      const rows = [`1,a@x,${value}`, '2,b@x,1', '3,c@x,0'];
      const accounts = await accountsIn('csv', csvOf('user_id,mail,on', rows), map);
      const message = value === 'maybe' ? 'is not yes or no' : 'is empty, and not yes or no';
      expect(accounts.map(({ unreadable, disabledAt }) => [unreadable, disabledAt])).toEqual([
        [[{ field: 'enabled', message }], null],
        [[], null],
        [[], true],
      ]);
    },
  );

  test('may leave out all but the id and an address', async () => {
    const map = mapOf(`\ufeff${JSON.stringify(minimal)}`);
    expect(map.times).toBe('iso');
    const [account] = await accountsIn('csv', csvOf('user_id,mail,pw', ['1,a@x,h']), map);
    expect(account && known(account)).toEqual({ place: 'line 2', id: '1', email: 'a@x' });
    await expect(accountsIn('csv', csvOf('id,mail', ['1,a@x']), map)).rejects.toThrow(
      /has no column "user_id"\. It has: id, mail\./,
    );
  });

  test.each([
    ['{', /map\.json is not valid JSON/],
    [[], /map\.json is not a valid map of columns/],
    [{ ...minimal, colums: {} }, /unknown: colums\. Known: source, table, schema, columns, times/],
    [
      { ...minimal, columns: { ...minimal.columns, mail: 'a' } },
      /columns: unknown: mail\. Known: id, email, phone, password_hash, name,/,
    ],
    [{ ...minimal, columns: { email: 'a' } }, /columns\.id: /],
    [{ ...minimal, columns: { id: 'a' } }, /columns: must name a column for email or phone/],
    [{ ...minimal, columns: { id: 1, email: 'a' } }, /columns\.id: /],
    [
      { ...minimal, columns: { ...minimal.columns, enabled: 'a', disabled_at: 'b' } },
      /must not have both disabled_at and enabled/,
    ],
    [{ ...minimal, source: 'My App' }, /source: must have 1 to 63 characters/],
    [{ ...minimal, source: 'pms' }, /source: must not be the name of a kind of source/],
    [{ ...minimal, times: 'minutes' }, /times: /],
    ['x'.repeat(64_001), /too long for a map of columns/],
  ])('%j is rejected', (map, message) => {
    expect(() => mapOf(map)).toThrow(message);
  });

  test('is needed for the source csv, and for no other', async () => {
    await expect(openSource('csv', 'csv:a')).rejects.toThrow(/needs --map FILE/);
    await expect(openSource('pms', 'csv:a', { map: mapOf(minimal) })).rejects.toThrow(
      /--map is for the source csv/,
    );
    expect(() => readSourceMap('/nowhere/map.json')).toThrow('/nowhere/map.json does not exist.');
  });
});
