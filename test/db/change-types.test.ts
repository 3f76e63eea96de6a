import { eq } from 'drizzle-orm';
import { expect, test } from 'vitest';
import { type Claims, change, ifChanged } from '../../src/core/db/change.ts';
import { users } from '../../src/core/db/schema.ts';
import { createTestApp, newUser } from '../support/test-app.ts';

test('the types reject an unconditional dependent of a claim, which would always run', async () => {
  const { app, db } = await createTestApp();
  await newUser(app);
  const claim = db.update(users).set({ bio: 'claimed' }).where(eq(users.id, 99)).returning();
  const rename = db.update(users).set({ name: 'Eve' });
  // @ts-expect-error: the second claim is unconditional.
  const claims: Claims = [claim, rename.returning()];
  expect(claims).toHaveLength(2);
  // @ts-expect-error: the dependent is unconditional.
  await change(db, { claim, ifChanged: [rename] });
  expect(await db.select({ name: users.name }).from(users)).toEqual([{ name: 'Eve' }]);

  const conditional = ifChanged((hasChanged) =>
    db.update(users).set({ name: 'Mallory' }).where(hasChanged),
  );
  await change(db, { claim, ifChanged: [conditional] });
  expect(await db.select({ name: users.name }).from(users)).toEqual([{ name: 'Eve' }]);
});
