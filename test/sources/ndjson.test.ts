import { describe, expect, test } from 'vitest';
import { accountsIn, fileOf, known } from '../support/source-room.ts';

const user = { id: 1, email: 'a@x', hashed_password: 'h', name: null, bio: '' };
const pmsIn = (...lines: readonly (object | string | Buffer)[]) => {
  const bytes = lines.map((line) =>
    Buffer.isBuffer(line) || typeof line === 'string'
      ? Buffer.from(line)
      : Buffer.from(JSON.stringify(line)),
  );
  const file = fileOf(Buffer.concat(bytes.flatMap((line) => [line, Buffer.from('\n')])));
  return accountsIn('pms', `ndjson:${file}`);
};

describe('a file of JSON objects', () => {
  test('has one account in each line, with members in any case and order', async () => {
    const accounts = await pmsIn(user, '', {
      NAME: 'B',
      Id: '2',
      bio: 'é',
      hashed_password: 'h',
      email: 'b@x',
      more: [1],
    });
    expect(accounts.map(known)).toEqual([
      { place: 'line 1', id: '1', email: 'a@x', passwordHash: 'h' },
      { place: 'line 3', id: '2', email: 'b@x', passwordHash: 'h', name: 'B', bio: 'é' },
    ]);
  });

  test.each([
    ['no JSON', '{"id": 2,', 'row', 'is not valid JSON'],
    ['a list', '[1]', 'row', 'is not a JSON object'],
    ['null', 'null', 'row', 'is not a JSON object'],
    ['no UTF-8', Buffer.from('{"id":"\xff"}', 'latin1'), 'row', 'is not valid UTF-8'],
    ['a MB', `{"id": "${'x'.repeat(1_000_000)}"}`, 'row', 'is longer than 1 MB'],
    ['a list as a value', { ...user, name: ['a'] }, 'name', 'is a list or an object'],
    ['a flag as a text', { ...user, name: true }, 'name', 'is not text'],
    [
      'a number that JSON rounds',
      '{"id":9007199254740993,"email":"a@x","hashed_password":"h","name":"n","bio":""}',
      'id',
      'is a number that cannot be read exactly',
    ],
    ['a fraction', { ...user, name: 1.5 }, 'name', 'is a number that cannot be read exactly'],
    ['a NUL', { ...user, name: 'a\0' }, 'name', 'contains a NUL character'],
    ['half a character', { ...user, name: '\ud83d' }, 'name', 'is not valid Unicode'],
    ['no id', { ...user, id: undefined }, 'id', 'is missing'],
    [
      'a member twice',
      { ...user, email: undefined, Email: 'a', EMAIL: 'b' },
      'email',
      'is missing',
    ],
  ])('whose line has %s yields it as unreadable, and the rest', async (_, line, field, message) => {
    const accounts = await pmsIn(user, line, { ...user, id: 3 });
    expect(accounts.map(({ unreadable }) => unreadable)).toEqual([[], [{ field, message }], []]);
    expect(accounts[2]?.place).toBe('line 3');
  });

  test('may leave out members that are null, except for the id', async () => {
    const lines = Array.from({ length: 1500 }, (_, at) => ({ id: at, email: `${at}@x` }));
    const accounts = await pmsIn(...lines, user);
    expect(accounts).toHaveLength(1501);
    expect(accounts[0] && known(accounts[0])).toEqual({ place: 'line 1', id: '0', email: '0@x' });
  });

  test('with a column that is in no line is rejected before any is imported', async () => {
    const lines = Array.from({ length: 1500 }, (_, id) => ({
      id,
      email: 'a@x',
      name: 'n',
      bio: '',
    }));
    await expect(pmsIn(...lines, { id: 1, hashed_pw: 'h' })).rejects.toThrow(
      /has no column "hashed_password"\. It has: id, email, name, bio, hashed_pw\./,
    );
  });

  test('may end without a line break, and with CRLF', async () => {
    const file = fileOf(`\ufeff${JSON.stringify(user)}\r\n${JSON.stringify({ ...user, id: 2 })}`);
    const accounts = await accountsIn('pms', `ndjson:${file}`);
    expect(accounts.map(({ id }) => id)).toEqual(['1', '2']);
  });

  test.each([
    ['is a list', '[{"id":1}]', /is a JSON list\. Write one object a line: jq/],
    ['has no object', '1\n2', /has no JSON object/],
    ['lacks a member', '{"id":1,"mail":"a"}', /has no column "email"\. It has: id, mail\./],
  ])('that %s is rejected', async (_, text, message) => {
    await expect(accountsIn('pms', `ndjson:${fileOf(text)}`)).rejects.toThrow(message);
  });
});
