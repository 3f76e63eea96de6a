import { eq } from 'drizzle-orm';
import { expect, test } from 'vitest';
import { users } from '../../src/core/db/schema.ts';
import { createDirectory } from '../../src/features/admin/directory-store.ts';
import { foldedName } from '../../src/features/users/statements.ts';
import { createUserStore } from '../../src/features/users/store.ts';
import { removed } from '../support/old-rows.ts';
import { addPeople } from '../support/people.ts';
import { createTestApp } from '../support/test-app.ts';

/** Names as an earlier version has stored them. */
const unfolded = (names: readonly (string | null)[]) =>
  names.map((name) => ({ name, nameFolded: null }));

test('housekeeping folds the names that an earlier version has stored, once, in batches', async () => {
  const { db, deps, tick } = await createTestApp();
  const names = ['Ａda', 'ÉVA', 'आदा', '', 'ß"\\\'', '🦊'.repeat(200), 'İ'.repeat(120), null];
  await addPeople(db, [...unfolded(names), { name: 'New' }]);
  const before = await db.select().from(users);
  expect(await tick()).toEqual(removed({ unfolded_names: 7 }));
  const after = await db.select().from(users);
  expect(after.map(({ nameFolded }) => nameFolded)).toEqual([...names, 'New'].map(foldedName));
  // Nothing that its owner sees has changed.
  expect(after.map((row) => ({ ...row, nameFolded: null }))).toEqual(
    before.map((row) => ({ ...row, nameFolded: null })),
  );
  expect(await tick()).toEqual(removed({}));
  const { items } = await createDirectory(deps).list({ q: 'ada', limit: 9 });
  expect(items.map(({ name }) => name)).toEqual(['Ａda']);
});

test('more names than a batch are folded by one run', async () => {
  const { db, tick } = await createTestApp();
  await addPeople(db, unfolded(Array.from({ length: 1001 }, (_, i) => `N${i}`)));
  expect(await tick()).toEqual(removed({ unfolded_names: 1001 }));
});

test('a name that changes meanwhile keeps the folded form of the new one', async () => {
  const { db } = await createTestApp();
  const [id = 0] = await addPeople(db, unfolded(['Old']));
  // The change is sent while the name is being read, before it is folded.
  const folding = createUserStore(db, () => 0).foldNames(9);
  await db.update(users).set({ name: 'New', nameFolded: 'new' }).where(eq(users.id, id));
  await folding;
  expect(await db.select().from(users)).toMatchObject([{ name: 'New', nameFolded: 'new' }]);
});
