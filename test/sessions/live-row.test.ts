import { expect, test } from 'vitest';
import { type LiveRow, toLive } from '../../src/features/sessions/live-row.ts';
import { userColumns } from '../../src/features/users/store.ts';

test('a live row contains the columns of a user by position, then those of the session', () => {
  const row: LiveRow = [0, '1', '2', '3', '4', 5, 6, 7, 8, 9, '10', '11', '12', '13', 14, 15];
  const { user, session } = toLive(row, 'id');
  expect(Object.entries(user).map(([name, value]) => [name, Number(value)])).toEqual(
    Object.keys(userColumns).map((name, index) => [name, index]),
  );
  const { length } = Object.keys(userColumns);
  expect(session).toEqual({ id: 'id', lastUsedAt: length, authTime: length + 1 });
});
